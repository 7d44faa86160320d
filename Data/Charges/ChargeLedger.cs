using Data.Ledger;

namespace Data.Charges;

/// <summary>The transfers of charges and refunds: which accounts, and what their references and texts are. docs/charges.md shows them as a table.</summary>
internal static class ChargeLedger
{
    /// <summary>The payment itself: the sources pay, the destinations get.</summary>
    public static string Paid(Guid chargeId) => $"charge:{chargeId}";

    /// <summary>The wallet part is set aside.</summary>
    public static string WalletPart(Guid chargeId) => $"charge:{chargeId}:wallet";

    /// <summary>The wallet part goes back after a decline.</summary>
    public static string Returned(Guid chargeId) => $"charge:{chargeId}:returned";

    /// <summary>A refund: its destinations give the money back, to the wallet, or aside while Stripe is asked.</summary>
    public static string Refund(Guid refundId) => $"refund:{refundId}";

    /// <summary>What was aside goes back to the sources.</summary>
    public static string RefundSettled(Guid refundId) => $"refund:{refundId}:settled";

    /// <summary>Stripe refused the refund: the destinations get the money again.</summary>
    public static string RefundReturned(Guid refundId) => $"refund:{refundId}:returned";

    /// <summary>The destinations with what each gets; sales of the house when there is no split.</summary>
    public static IEnumerable<(AccountName Account, decimal Amount)> Destinations(Guid chargeId, string currency, decimal amount, SplitPart[]? parts) =>
        parts is null
            ? [(Accounts.OfSales(chargeId, currency), amount)]
            : parts.Select(part => (Accounts.OfMerchant(part.Destination, currency), part.Amount));

    /// <summary>
    /// Posts, where nothing but the size of a balance can refuse it: the money is there, and the row that is locked says that it was not posted.
    /// </summary>
    /// <returns>False when a balance would be larger than the ledger can store; nothing has changed then.</returns>
    public static bool Post(
        LockedLedger ledger, string reference, string kind, string? description, IEnumerable<(AccountName Account, decimal Amount)> movements) =>
        ledger.Post(reference, kind, description, movements) switch
        {
            PostOutcome.Posted => true,
            PostOutcome.BalanceOutOfRange => false,
            var other => throw new InvalidOperationException($"{reference} could not be posted: {other}. Run Processor.Worker --check-ledger."),
        };
}
