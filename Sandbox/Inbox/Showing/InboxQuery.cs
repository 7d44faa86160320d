using System.Globalization;

namespace Sandbox.Inbox.Showing;

/// <summary>What <c>GET /sandbox/inbox/{name}</c> is asked.</summary>
/// <param name="Limit">How many deliveries are shown.</param>
/// <param name="Type">Only those of this type; null: of all.</param>
/// <param name="Wait">How long the answer may wait; zero: not at all.</param>
/// <param name="After">Until more than so many have been received; null: than now.</param>
internal sealed record InboxQuery(int Limit, string? Type, TimeSpan Wait, long? After)
{
    public const int DefaultLimit = 50, MaxLimit = NamedInbox.MaxDeliveries, MaxWaitSeconds = 30;

    /// <summary>The query, or what is wrong with it: parameter -> messages.</summary>
    public static (InboxQuery Query, IReadOnlyDictionary<string, string[]> Faults) From(IQueryCollection query)
    {
        var faults = new Dictionary<string, string[]>();
        var limit = Number("limit", 1, MaxLimit, $"must be a whole number between 1 and {MaxLimit}, such as {DefaultLimit}.");
        var wait = Number("wait", 0, MaxWaitSeconds, $"must be a whole number of seconds between 0 and {MaxWaitSeconds}, such as 10.");
        var after = Number("after", 0, long.MaxValue, "must be a whole number of deliveries, such as the received of the answer before.");
        var type = query["type"].ToString();
        return (new((int?)limit ?? DefaultLimit, type == "" ? null : type, TimeSpan.FromSeconds(wait ?? 0), after), faults);

        long? Number(string name, long min, long max, string rule)
        {
            if (!query.TryGetValue(name, out var text)) return null;
            var isNumber = long.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            if (isNumber && number >= min && number <= max) return number;
            faults[name] = [rule];
            return null;
        }
    }
}
