using System.ComponentModel;
using Data.Payments;

namespace Query.Api.Payments;

/// <summary>A page of a list of payments.</summary>
internal sealed record PaymentPage(
    [property: Description("Newest first.")] IReadOnlyList<PaymentReply> Items,
    [property: Description("How many there are on all pages; counted up to 10,000, which then means that many or more.")] int Total,
    [property: Description("How many a page has at most.")] int Limit,
    [property: Description("How many come before this page; 0 when it was asked for by cursor.")] int Offset,
    [property: Description("Whether there is another page.")] bool HasMore,
    [property: Description("Send it as cursor for the next page; null when this is the last.")] string? NextCursor)
{
    /// <summary>An example for the documents.</summary>
    public const string Example = $$"""{"items":[{{PaymentReply.Example}}],"total":1,"limit":20,"offset":0,"has_more":false,"next_cursor":null}""";

    /// <summary>The first rows that fit, and the way to the next page when there is one row more than that.</summary>
    public static PaymentPage Of(List<PaymentReply> rows, int total, PaymentFilter filter)
    {
        var hasMore = rows.Count > filter.Limit;
        if (hasMore) rows.RemoveAt(filter.Limit);
        return new(rows, total, filter.Limit, filter.Offset, hasMore, hasMore ? new PaymentCursor(rows[^1].Id).ToString() : null);
    }
}
