using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Data.Workers;

namespace Query.Api.Stats;

/// <summary>The operator's figures.</summary>
[DisplayName("Stats")]
internal sealed record StatsReply(
    [property: Description("When they were read, UTC.")] DateTime At,
    [property: Description("The period that the counts are of: 1h, 24h, 7d or 30d."), AllowedValues("1h", "24h", "7d", "30d")] string Window,
    [property: Description("Running workers.")] int Workers,
    [property: Description("Partitions of the topic transactions that they own, of 12.")] int Partitions,
    [property: Description("What is behind, by table of work.")] IReadOnlyList<WorkState> Work,
    [property: Description("Dead letters that are there now, by topic.")] IReadOnlyDictionary<string, long> DeadLetters,
    [property: Description("Transactions accepted in the window.")] CountsReply Transactions,
    [property: Description("Payments created in the window.")] CountsReply Payments,
    [property: Description("Charges made in the window.")] CountsReply Charges,
    [property: Description("Installments that fell due in the window, by the clock of due dates; oldest_pending_seconds is for how long the first of those "
        + "that are to be charged now has waited.")] CountsReply Installments,
    [property: Description("Deliveries of webhooks made in the window, one for each event and endpoint; oldest_pending_seconds is for how long the first of "
        + "those that are due has waited.")] CountsReply Webhooks,
    [property: Description("Money that the payments of the window moved, by currency.")] IReadOnlyList<MovedReply> Moved,
    [property: Description("The seconds of each entry of series.")] int BucketSeconds,
    [property: Description("The counts by time, oldest first; a bucket in which nothing happened is there with zeros.")] IReadOnlyList<BucketReply> Series)
{
    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"at":"2026-01-15T10:30:00Z","window":"1h","workers":2,"partitions":12,
         "work":[{"table":"transactions","topic":"transactions","lag":90,"waiting":90,"overdue":0,"oldest_due_seconds":0},
                 {"table":"payments","topic":"payments","lag":0,"waiting":0,"overdue":0,"oldest_due_seconds":0},
                 {"table":"installments","topic":null,"lag":0,"waiting":0,"overdue":0,"oldest_due_seconds":0}],
         "dead_letters":{"transactions":1},
         "transactions":{"total":10800,"by_status":{"PROCESSING":90,"PROCESSED":10709,"FAILED":1},"per_second":3,
                         "success_share":0.9999,"oldest_pending_seconds":29.9},
         "payments":{"total":120,"by_status":{"pending":1,"processing":3,"success":104,"failed":12},"per_second":0.033,
                     "success_share":0.8966,"oldest_pending_seconds":8.2},
         "charges":{"total":60,"by_status":{"pending":1,"succeeded":56,"failed":3},"per_second":0.017,"success_share":0.9492,"oldest_pending_seconds":1.4},
         "installments":{"total":40,"by_status":{"pending":0,"processing":1,"paid":36,"overdue":2,"failed":1,"cancelled":0},"per_second":0.011,
                         "success_share":0.973,"oldest_pending_seconds":0},
         "webhooks":{"total":10900,"by_status":{"pending":12,"delivered":10880,"failed":8},"per_second":3.028,"success_share":0.9993,
                     "oldest_pending_seconds":0.04},
         "moved":[{"currency":"USD","deposited":"26000.00","withdrawn":"1200.00"}],
         "bucket_seconds":60,
         "series":[{"at":"2026-01-15T09:30:00Z","transactions":180,"transactions_failed":0,"payments":2,"payments_failed":0,
                    "charges":1,"charges_failed":0,"installments":1,"installments_failed":0,"webhooks":182,"webhooks_failed":0}]}
        """;
}

/// <summary>Counts of one kind of thing.</summary>
[DisplayName("StatsCounts")]
internal sealed record CountsReply(
    [property: Description("How many.")] long Total,
    [property: Description("How many have each status now.")] IReadOnlyDictionary<string, long> ByStatus,
    [property: Description("How many a second, on average of the window.")] double PerSecond,
    [property: Description("The share of those with an outcome that succeeded, 0 to 1; null while none has one.")] double? SuccessShare,
    [property: Description("The age of the oldest one without an outcome, of any time; 0 without one.")] double OldestPendingSeconds)
{
    public static CountsReply Of(IReadOnlyDictionary<string, long> byStatus, CountedKind kind, TimeSpan window, double oldestPendingSeconds)
    {
        var total = byStatus.Values.Sum();
        var (good, bad) = (byStatus[kind.Succeeded], byStatus[kind.Failed]);
        double? share = good + bad == 0 ? null : Math.Round((double)good / (good + bad), 4);
        return new(total, byStatus, Math.Round(total / window.TotalSeconds, 3), share, Math.Round(Math.Max(0, oldestPendingSeconds), 3));
    }
}

/// <summary>Money that moved in one currency.</summary>
[DisplayName("MoneyMoved")]
internal sealed record MovedReply(
    [property: Description("ISO 4217, upper case."), RegularExpression(Contracts.Currency.CodePattern)] string Currency,
    [property: Description("By deposits: a decimal, as text, with the currency's own number of decimals."),
        RegularExpression(Contracts.Currency.AmountPattern)] string Deposited,
    [property: Description("By withdrawals."), RegularExpression(Contracts.Currency.AmountPattern)] string Withdrawn);

/// <summary>A bucket of the series.</summary>
[DisplayName("StatsBucket")]
internal sealed record BucketReply(
    [property: Description("Its begin, UTC.")] DateTime At,
    [property: Description("Transactions accepted in it.")] long Transactions,
    [property: Description("Those of them that are FAILED.")] long TransactionsFailed,
    [property: Description("Payments created in it.")] long Payments,
    [property: Description("Those of them that are failed.")] long PaymentsFailed,
    [property: Description("Charges made in it.")] long Charges,
    [property: Description("Those of them that are failed.")] long ChargesFailed,
    [property: Description("Installments that fell due in it.")] long Installments,
    [property: Description("Those of them that are failed.")] long InstallmentsFailed,
    [property: Description("Deliveries of webhooks made in it.")] long Webhooks,
    [property: Description("Those of them that are failed.")] long WebhooksFailed);
