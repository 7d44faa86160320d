namespace Contracts;

/// <summary>The types of the events that outbound webhooks tell of: the values of <c>type</c> in a payload and of an endpoint's <c>event_types</c>.</summary>
public static class WebhookEvents
{
    /// <summary>A transaction is PROCESSED.</summary>
    public const string TransactionProcessed = "transaction.processed";

    /// <summary>A transaction is FAILED.</summary>
    public const string TransactionFailed = "transaction.failed";

    /// <summary>A deposit or withdrawal succeeded.</summary>
    public const string PaymentSucceeded = "payment.succeeded";

    /// <summary>A deposit or withdrawal failed.</summary>
    public const string PaymentFailed = "payment.failed";

    /// <summary>A charge succeeded.</summary>
    public const string ChargeSucceeded = "charge.succeeded";

    /// <summary>A charge failed.</summary>
    public const string ChargeFailed = "charge.failed";

    /// <summary>A refund of a charge succeeded; the data are the charge.</summary>
    public const string ChargeRefunded = "charge.refunded";

    /// <summary>An installment was paid.</summary>
    public const string InstallmentPaid = "installment.paid";

    /// <summary>An installment was given up after its last attempt.</summary>
    public const string InstallmentFailed = "installment.failed";

    /// <summary>Every installment of an order was paid; the data are the order with its installments.</summary>
    public const string OrderCompleted = "order.completed";

    /// <summary>What the types of notices to operators begin with. Only an endpoint that names such a type gets it.</summary>
    public const string OperationsPrefix = "operations.";

    /// <summary>An endpoint was disabled after days of nothing but failures, or because its receiver asked for it.</summary>
    public const string OperationsEndpointDisabled = "operations.endpoint_disabled";

    /// <summary>A Kafka record could not be processed.</summary>
    public const string OperationsDeadLetter = "operations.dead_letter";

    /// <summary>The ledger's check found a difference.</summary>
    public const string OperationsLedgerDifference = "operations.ledger_difference";

    /// <summary>A worker has not been heard of.</summary>
    public const string OperationsWorkerLost = "operations.worker_lost";

    /// <summary>Work is due and nobody takes it.</summary>
    public const string OperationsWorkOverdue = "operations.work_overdue";

    /// <summary>Types of what happens to resources: an endpoint without <c>event_types</c> gets all of these.</summary>
    public static IReadOnlyList<string> OfResources { get; } =
    [
        TransactionProcessed, TransactionFailed, PaymentSucceeded, PaymentFailed, ChargeSucceeded, ChargeFailed, ChargeRefunded, InstallmentPaid,
        InstallmentFailed, OrderCompleted,
    ];

    /// <summary>Types of notices to operators.</summary>
    public static IReadOnlyList<string> OfOperations { get; } =
        [OperationsEndpointDisabled, OperationsDeadLetter, OperationsLedgerDifference, OperationsWorkerLost, OperationsWorkOverdue];

    /// <summary>Every type.</summary>
    public static IReadOnlyList<string> All { get; } = [.. OfResources, .. OfOperations];
}
