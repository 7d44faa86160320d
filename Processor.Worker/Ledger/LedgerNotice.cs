using Contracts;
using Data.Ledger;
using Data.Notices;

namespace Processor.Worker.Ledger;

/// <summary>What operators are told when the ledger does not add up.</summary>
internal static class LedgerNotice
{
    /// <summary>The notice of a check that found differences; the first of them is in it.</summary>
    public static NewNotice Of(LedgerReport report) => new(
        WebhookEvents.OperationsLedgerDifference, "ledger", $"{report.Summary}. The first: {report.Differences[0].What}",
        "Move no money by hand. Run Processor.Worker --check-ledger, which names every difference, and compare each with what its accounts' entries say.",
        "/admin/ledger");
}
