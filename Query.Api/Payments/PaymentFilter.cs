using System.Globalization;
using System.Text.Json.Nodes;
using Data.Payments;
using Microsoft.OpenApi;
using Query.Api.Parameters;
using ServiceDefaults.OpenApi;

namespace Query.Api.Payments;

/// <summary>Which payments a list shows.</summary>
/// <param name="UserId">Only this user's; null for everybody's, which is for administrators and only with a type.</param>
/// <param name="Type">Only of this type; null for both.</param>
/// <param name="Status">Only those that stand there; null for all.</param>
/// <param name="Before">Only those with a smaller id than this.</param>
/// <param name="Limit">At most so many, 1-100.</param>
/// <param name="Offset">After so many, 0-10,000; 0 with a cursor.</param>
internal sealed record PaymentFilter(long? UserId, string? Type, string? Status, PaymentCursor Before, int Limit, int Offset)
{
    public const int MaxLimit = 100;
    public const int DefaultLimit = 20;

    /// <summary>
    /// How far a list is counted, and how far an offset leads. Rows that are skipped or counted are read: 10,000 index entries are some
    /// milliseconds, a million would be a second for every page of it. A cursor leads anywhere at the price of the first page.
    /// </summary>
    public const int MaxOffset = 10_000;

    private const string CursorBeside = "cannot be sent beside an offset: a cursor says by itself where the page begins";

    /// <summary>The statuses that one may ask for: all there are.</summary>
    public static readonly string[] Statuses = [PaymentStatus.Pending, PaymentStatus.Processing, PaymentStatus.Success, PaymentStatus.Failed];

    /// <summary>The types that one may ask for: all there are.</summary>
    public static readonly string[] Types = [PaymentType.Deposit, PaymentType.Withdrawal];

    /// <summary>Reads the query parameters; where <paramref name="errors"/> names any, the filter is not to be used.</summary>
    /// <param name="query">The request's.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="type">The type that the path says; null where the parameter <c>type</c> may.</param>
    /// <param name="errors">Parameter -> what is allowed.</param>
    public static PaymentFilter Read(IQueryCollection query, long? userId, string? type, out Dictionary<string, string[]> errors)
    {
        var parameters = new QueryParameters(query);
        type ??= parameters.Take("type", text => Types.Contains(text) ? text : null, $"must be one of {string.Join(", ", Types)}");
        var status = parameters.Take("status", text => Statuses.Contains(text) ? text : null, $"must be one of {string.Join(", ", Statuses)}");
        var limit = parameters.Take("limit", text => Number(text, 1, MaxLimit), $"must be a whole number from 1 to {MaxLimit}") ?? DefaultLimit;
        var offset = parameters.Take("offset", text => Number(text, 0, MaxOffset),
            $"must be a whole number from 0 to {MaxOffset}; to read on beyond that send next_cursor of the page before as cursor") ?? 0;
        var cursor = parameters.Take("cursor", PaymentCursor.Parse, QueryParameters.CursorRule);
        errors = parameters.Errors;
        if (cursor is not null && offset > 0) errors.TryAdd("cursor", [$"cursor {CursorBeside}"]);
        return new(userId, type, status, cursor ?? PaymentCursor.Start, limit, offset);
    }

    /// <summary>Describes the parameters that every list of payments takes.</summary>
    public static RouteHandlerBuilder TakesPayments(RouteHandlerBuilder list) => list
        .TakesQuery("status", "Only those that stand there.", OneOf(Statuses))
        .TakesQuery("limit", "How many at most.", new() { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = $"{MaxLimit}", Default = DefaultLimit })
        .TakesQuery("offset", "How many to pass over first; for deep pages send cursor instead.", new() { Type = JsonSchemaType.Integer, Minimum = "0", Maximum = $"{MaxOffset}", Default = 0 })
        .TakesQuery("cursor", "next_cursor of the page before, in place of offset.", new() { Type = JsonSchemaType.String });

    /// <summary>Describes <c>type</c>, where the path does not say it.</summary>
    public static RouteHandlerBuilder TakesType(RouteHandlerBuilder list) => list.TakesQuery("type", "Only of this type.", OneOf(Types));

    private static OpenApiSchema OneOf(string[] values) => new() { Type = JsonSchemaType.String, Enum = [.. values.Select(value => (JsonNode)value)] };

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;
}
