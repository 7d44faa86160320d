using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Data.Ledger;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Query.Api.Database;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Ledger;

/// <summary>
/// <c>GET /admin/ledger-check</c>: what <c>Processor.Worker --check-ledger</c> checks, for as long as a request may take: balances from their entries,
/// transfers that sum to zero, payments and charges against their transfers. It changes nothing and takes no locks.
/// </summary>
internal static class CheckLedger
{
    /// <summary>The most differences that are shown; the command names them all.</summary>
    private const int MaxShown = 100;

    private static readonly LedgerCheck Check = new(LedgerRule.All);

    private static readonly LedgerCheckLimits Limits = new(MaxShown, DatabaseFeature.StatementTimeout);

    public static void MapCheckLedger(this RouteGroupBuilder group)
    {
        group.MapGet("", HandleAsync)
            .WithName("checkLedger")
            .WithSummary("Recomputes balances from their entries")
            .WithDescription("Checks every account, transfer, payment and charge on one snapshot, while money moves; with customer_id the accounts of this "
                + "customer's wallet alone, by their own entries and holds. The first 100 differences are shown, all are counted. A ledger with more than "
                + "some hundred thousand transfers takes longer than a request may: it is answered 503, and the worker checks it every night and with "
                + "--check-ledger.")
            .TakesId("customer_id", "Only the accounts of this customer's wallet.")
            .Answers(StatusCodes.Status200OK, "What was checked, and what differs.")
            .WithResponseExample(StatusCodes.Status200OK, LedgerCheckReply.Example)
            .Fails(StatusCodes.Status422UnprocessableEntity, "customer_id cannot be one; `errors` says what is allowed.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable, or the ledger has too many rows to check in time.");
    }

    private static async Task<Results<Ok<LedgerCheckReply>, Problem>> HandleAsync(
        HttpRequest request, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancellationToken)
    {
        var parameters = new QueryParameters(request.Query);
        var customerId = parameters.TakeId("customer_id", "a customer's id");
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);

        var at = clock.GetUtcNow().UtcDateTime;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var report = customerId is null
            ? await Check.RunAsync(connection, Limits, cancellationToken)
            : await LedgerCheck.RunForOwnerAsync(connection, Accounts.OwnerOfWallet(customerId), Limits, cancellationToken);
        return TypedResults.Ok(LedgerCheckReply.Of(report, at));
    }
}

/// <summary>The result of a check.</summary>
[DisplayName("LedgerCheck")]
internal sealed record LedgerCheckReply(
    [property: Description("When it began, UTC.")] DateTime CheckedAt,
    [property: Description("How many accounts were checked.")] long Accounts,
    [property: Description("How many transfers: all, or those of the customer's wallet.")] long Transfers,
    [property: Description("How many differences there are; 0: the ledger adds up.")] int DifferenceCount,
    [property: Description("The first 100 of them.")] IReadOnlyList<LedgerDifferenceReply> Differences)
{
    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"checked_at":"2026-01-15T10:30:00Z","accounts":1204,"transfers":98311,"difference_count":1,
         "differences":[{"account_id":17,"owner":"wallet:cust_42","kind":"wallet","currency":"USD","expected":"70.00","actual":"71.00",
                         "what":"Account 17 (wallet:cust_42, USD): its balance is 71.0000, but its entries sum to 70.0000."}]}
        """;

    public static LedgerCheckReply Of(LedgerReport report, DateTime at) =>
        new(at, report.Accounts, report.Transfers, report.DifferenceCount, [.. report.Differences.Select(LedgerDifferenceReply.Of)]);
}

/// <summary>Something that does not add up.</summary>
[DisplayName("LedgerDifference")]
internal sealed record LedgerDifferenceReply(
    [property: Description("The account whose figure it is; null where it is no account's, as of a transfer or a payment.")] long? AccountId,
    [property: Description("The account's owner, such as wallet:cust_42; null without one.")] string? Owner,
    [property: Description("The account's kind: user, wallet, merchant, house or bank; null without one.")] string? Kind,
    [property: Description("ISO 4217; null without figures."), RegularExpression(Contracts.Currency.CodePattern)] string? Currency,
    [property: Description("What the figure should be, by the rows that it sums up: a decimal, as text; null without one."),
        RegularExpression(LedgerDifferenceReply.FigurePattern)] string? Expected,
    [property: Description("What it is."), RegularExpression(LedgerDifferenceReply.FigurePattern)] string? Actual,
    [property: Description("What differs, in one sentence.")] string What)
{
    private const string FigurePattern = @"^-?[0-9]+(\.[0-9]{1,4})?$";

    public static LedgerDifferenceReply Of(LedgerDifference difference) => new(
        difference.AccountId, difference.Owner, difference.Kind, difference.Currency, Figure(difference.Expected, difference.Currency),
        Figure(difference.Actual, difference.Currency), difference.What);

    private static string? Figure(decimal? figure, string? currency) => figure is { } amount ? Contracts.Currency.Format(amount, currency ?? "") : null;
}
