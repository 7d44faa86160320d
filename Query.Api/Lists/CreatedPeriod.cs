using Data;

namespace Query.Api.Lists;

/// <summary>A period by the time of creation, for lists whose ids are UUIDs of version 7: it is a range of ids, so it costs nothing.</summary>
/// <param name="From">This time or later; null for all.</param>
/// <param name="To">Before this time; null for all.</param>
internal readonly record struct CreatedPeriod(DateTime? From, DateTime? To)
{
    /// <summary>The id that none is smaller than.</summary>
    public Guid FirstId => From is { } from ? UuidTime.FirstOf(from) : Guid.Empty;

    /// <summary>The id that all of a page are smaller than.</summary>
    public Guid Before(ListPage<UuidCursor> page) => To is { } to && UuidTime.EndOf(to) is var end && end < page.Before() ? end : page.Before();
}

/// <summary>The parameters <c>created_from</c> and <c>created_to</c>.</summary>
internal static class CreatedParameters
{
    /// <summary>Reads them.</summary>
    public static CreatedPeriod TakeCreated(this QueryParameters parameters)
    {
        var period = new CreatedPeriod(parameters.TakeTime("created_from"), parameters.TakeTime("created_to"));
        if (period.From > period.To) parameters.Errors.TryAdd("created_to", ["created_to must not be earlier than created_from"]);
        return period;
    }

    /// <summary>Describes them.</summary>
    public static RouteHandlerBuilder TakesCreated(this RouteHandlerBuilder list) => list
        .TakesTime("created_from", "Only those made at this time or later, to the millisecond.")
        .TakesTime("created_to", "Only those made before this time, to the millisecond.");
}
