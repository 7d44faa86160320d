namespace Contracts;

/// <summary>The Kafka topics, by the names that producers and consumers share.</summary>
public static class Topics
{
    /// <summary>Accepted transactions, keyed by transaction_id. Body: <see cref="TransactionMessage"/> as JSON.</summary>
    public const string Transactions = "transactions";

    /// <summary>Records of <see cref="Transactions"/> that could not be understood, byte for byte, with the reason in <see cref="MessageHeaders"/>.</summary>
    public const string TransactionsDeadLetters = "transactions.dlq";

    /// <summary>Payments about which something is to be done, keyed by user id. Body: <see cref="PaymentMessage"/> as JSON.</summary>
    public const string Payments = "payments";

    /// <summary>Payments that were given up, and records of <see cref="Payments"/> that could not be understood.</summary>
    public const string PaymentsDeadLetters = "payments.dlq";

    /// <summary>Charges and refunds about which Stripe is to be asked, keyed by customer id. Body: <see cref="ChargeMessage"/> as JSON.</summary>
    public const string Charges = "charges";

    /// <summary>Records of <see cref="Charges"/> that could not be understood.</summary>
    public const string ChargesDeadLetters = "charges.dlq";

    /// <summary>Endpoints with webhooks that are due, keyed by endpoint. Body: <see cref="DeliveryMessage"/> as JSON.</summary>
    public const string Deliveries = "deliveries";

    /// <summary>Records of <see cref="Deliveries"/> that could not be understood.</summary>
    public const string DeliveriesDeadLetters = "deliveries.dlq";

    /// <summary>
    /// Partitions of every topic: the most workers that can share the work. Twelve divides by 2, 3, 4 and 6.
    /// </summary>
    public const int Partitions = 12;

    /// <summary>Every topic that <c>Processor.Worker --migrate</c> creates.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Transactions, TransactionsDeadLetters, Payments, PaymentsDeadLetters, Charges, ChargesDeadLetters, Deliveries, DeliveriesDeadLetters,
    ];
}
