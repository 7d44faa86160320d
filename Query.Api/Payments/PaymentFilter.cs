using Data.Payments;
using Microsoft.OpenApi;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;

namespace Query.Api.Payments;

/// <summary>Which payments a page shows.</summary>
/// <param name="UserId">Only this user's; null for all users', which only an administrator gets, and only with a type.</param>
/// <param name="Type">Only of this type; null for both.</param>
/// <param name="Status">Only with this status; null for all.</param>
/// <param name="Before">Only those with a smaller id: the last one of the page before.</param>
/// <param name="Limit">The most rows, 1-100.</param>
/// <param name="Offset">The number of rows to skip, 0-10,000; 0 with a cursor.</param>
internal sealed record PaymentFilter(long? UserId, string? Type, string? Status, long Before, int Limit, int Offset)
{
    /// <summary>
    /// How far a list is counted, and the largest offset. Rows that are skipped or counted are read: 10,000 index entries take milliseconds, a
    /// million would take a second for every page. A cursor reaches any row at the price of the first page.
    /// </summary>
    public const int MaxOffset = 10_000;

    /// <summary>All statuses.</summary>
    public static readonly string[] Statuses = [PaymentStatus.Pending, PaymentStatus.Processing, PaymentStatus.Success, PaymentStatus.Failed];

    /// <summary>All types.</summary>
    public static readonly string[] Types = [PaymentType.Deposit, PaymentType.Withdrawal];

    private static readonly PageSize Size = new(Default: 20, Max: 100);

    /// <summary>Reads the query parameters. The filter is not to be used when <paramref name="errors"/> is not empty.</summary>
    /// <param name="query">The request's query.</param>
    /// <param name="userId">The user whose payments are shown; null for all, or for those of the parameter <c>user_id</c>.</param>
    /// <param name="type">The type that the path names, where <c>user_id</c> may name a user; null where the parameter <c>type</c> may name one.</param>
    /// <param name="errors">Parameter -> what is allowed.</param>
    public static PaymentFilter Read(IQueryCollection query, long? userId, string? type, out Dictionary<string, string[]> errors)
    {
        var parameters = new QueryParameters(query);
        var filter = new PaymentFilter(
            type is null ? userId : parameters.TakeUser(userId),
            type ?? parameters.TakeOneOf("type", Types),
            parameters.TakeOneOf("status", Statuses),
            parameters.TakeCursor(IdCursor.Parse)?.Id ?? long.MaxValue,
            parameters.TakeLimit(Size),
            parameters.TakeOffset(MaxOffset));
        errors = parameters.Errors;
        if (filter is { Before: < long.MaxValue, Offset: > 0 })
            errors.TryAdd("cursor", ["cursor cannot be combined with an offset: a cursor says by itself where the page begins"]);
        return filter;
    }

    /// <summary>Describes the parameters that every list of payments takes.</summary>
    public static RouteHandlerBuilder TakesPayments(RouteHandlerBuilder list) => list
        .TakesOneOf("status", "Only those with this status.", Statuses)
        .TakesLimit(Size).TakesOffset(MaxOffset).TakesCursor("next_cursor of the page before, instead of offset.");

    /// <summary>Describes <c>user_id</c>, where the path does not name a user.</summary>
    public static RouteHandlerBuilder TakesUser(RouteHandlerBuilder list) => list.TakesQuery(
        "user_id", "Only this user's, for an administrator; others see their own.", new() { Type = JsonSchemaType.Integer, Format = "int64", Minimum = "1" });

    /// <summary>Describes <c>type</c>, where the path does not name it.</summary>
    public static RouteHandlerBuilder TakesType(RouteHandlerBuilder list) => list.TakesOneOf("type", "Only of this type.", Types);
}

/// <summary>The parameter <c>user_id</c>.</summary>
internal static class UserParameter
{
    /// <summary>Reads whose payments are asked for.</summary>
    /// <param name="parameters">The request's.</param>
    /// <param name="own">The user whose payments alone the caller may see; null for everybody's.</param>
    public static long? TakeUser(this QueryParameters parameters, long? own)
    {
        var asked = parameters.Take(
            "user_id", text => RowId.TryParse(text, out var id) ? id : (long?)null, "must be a user's id, a whole number from 1 on");
        if (own is not null && asked is not null && asked != own) parameters.Errors.TryAdd("user_id", ["user_id must be your own: leave it out"]);
        return own ?? asked;
    }
}
