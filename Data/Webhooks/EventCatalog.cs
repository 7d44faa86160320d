using System.Text.Json;
using System.Text.Json.Nodes;
using Contracts;
using Data.Charges;
using Data.Installments;
using Data.Payments;
using Data.Transactions;

namespace Data.Webhooks;

/// <summary>One type of events, as people who receive it read of it.</summary>
/// <param name="Type">One of <see cref="WebhookEvents.All"/>.</param>
/// <param name="Description">When it is sent and what its data are, one or two sentences.</param>
/// <param name="Example">An example of its <c>data</c>, JSON in one line: what a test event of this type carries.</param>
public sealed record EventCatalogEntry(string Type, string Description, string Example);

/// <summary>
/// Every type of events with an example. The examples begin with those of the resources' own documentation, so that a member that a resource gets is in its
/// events' examples too.
/// </summary>
public static class EventCatalog
{
    private static readonly JsonSerializerOptions Written = WireJson.Options();

    // The ids and amounts of the examples fit together: the installment is the order's, and its charge's.
    private const string PaidInstallment =
        """
        {"status":"paid","charge_id":"019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f","attempts":1,"next_attempt_at":null,"updated_at":"2026-02-15T00:00:04.654321Z"}
        """;

    /// <summary>One entry for each of <see cref="WebhookEvents.All"/>, in that order.</summary>
    public static IReadOnlyList<EventCatalogEntry> Entries { get; } =
    [
        new(WebhookEvents.TransactionProcessed, "A transaction was processed. The data are the transaction.", Of(TransactionReply.Example)),
        new(WebhookEvents.TransactionFailed, "A transaction failed for good; failure_reason says why. The data are the transaction.",
            Of(TransactionReply.Example, """{"status":"FAILED","failure_reason":"The processor refused it: the account is closed."}""")),
        new(WebhookEvents.PaymentSucceeded, "A deposit or a withdrawal succeeded at the bank. The data are the payment.",
            Of(PaymentReply.ExampleOf(PaymentType.Deposit, PaymentStatus.Success))),
        new(WebhookEvents.PaymentFailed, "A deposit or a withdrawal failed for good; error_message says why. The data are the payment.",
            Of(PaymentReply.ExampleOf(PaymentType.Withdrawal, PaymentStatus.Failed), """{"error_message":"The bank refused it: the account is closed."}""")),
        new(WebhookEvents.ChargeSucceeded, "A charge was paid. The data are the charge.", Of(ChargeReply.Example)),
        new(WebhookEvents.ChargeFailed,
            "A charge was not paid; what the wallet had paid of it was given back. failure_code says why. The data are the charge.",
            Of(ChargeReply.Example, """{"status":"failed","failure_code":"card_declined","failure_message":"Your card was declined."}""")),
        new(WebhookEvents.ChargeRefunded, "A refund of a charge succeeded; refunded_amount is the sum of all of them. The data are the charge.",
            Of(ChargeReply.Example, """{"refunded_amount":30.00,"updated_at":"2026-01-16T09:00:00.654321Z"}""")),
        new(WebhookEvents.InstallmentPaid, "An installment was paid, by the charge that charge_id names. The data are the installment.",
            Of(InstallmentReply.Example, PaidInstallment)),
        new(WebhookEvents.InstallmentFailed, "An installment was given up after its last attempt, and so its order. The data are the installment.",
            Of(InstallmentReply.Example, PaidInstallment, """{"status":"failed","attempts":4}""")),
        new(WebhookEvents.OrderCompleted, "Every installment of an order was paid. The data are the order with its installments.",
            Of(OrderReply.Example, $$"""
                {"status":"completed","updated_at":"2026-02-15T00:00:04.654321Z","installments":[{{Of(InstallmentReply.Example, PaidInstallment)}}]}
                """)),
        new(WebhookEvents.OperationsEndpointDisabled,
            "For operators: an endpoint gets no more deliveries, because nothing but failures came from it for days or because its receiver asked for it.",
            Notice("endpoint:019a6f60-4444-7c3d-9e4f-0a1b2c3d4e5f", "Endpoint https://example.com/webhooks was disabled after 5 days of nothing but failures.",
                "Have its owner repair it, enable it again, and replay what it missed.", "/admin/endpoints/019a6f60-4444-7c3d-9e4f-0a1b2c3d4e5f")),
        new(WebhookEvents.OperationsDeadLetter, "For operators: a message could not be processed and was put aside.",
            Notice("dead_letter:transactions:undecodable", "A message of topic transactions cannot be read, and was put aside.",
                "Look at it, repair the cause, and redrive it or delete it.", "/admin/dlq?topic=transactions")),
        new(WebhookEvents.OperationsLedgerDifference, "For operators: the ledger's check found accounts whose balance is not the sum of their entries.",
            Notice("ledger:wallet:cust_42", "The balance of account wallet:cust_42 differs from the sum of its entries.",
                "Move no money by hand. Compare the account's entries with the last check that was right.", "/admin/ledger")),
        new(WebhookEvents.OperationsWorkerLost, "For operators: a worker has not been heard of. Others have taken over its work.",
            Notice("worker:worker-2", "Worker worker-2 has not been heard of for 30 seconds.", "See whether its process is there, and start it again.",
                "/admin/workers")),
        new(WebhookEvents.OperationsWorkOverdue, "For operators: work is due and nobody takes it.",
            Notice("overdue:transactions", "1,204 transactions are due for more than 60 seconds.", "See whether workers run and whether Kafka answers them.",
                "/admin/workers")),
    ];

    /// <summary>The entry of a type.</summary>
    /// <param name="type">One of <see cref="WebhookEvents.All"/>.</param>
    /// <exception cref="InvalidOperationException">There is no such type.</exception>
    public static EventCatalogEntry Find(string type) => Entries.Single(entry => entry.Type == type);

    /// <summary>An example in one line, with some members changed.</summary>
    private static string Of(string example, params string[] changes)
    {
        var members = JsonNode.Parse(example)!.AsObject();
        foreach (var (name, value) in changes.SelectMany(change => JsonNode.Parse(change)!.AsObject())) members[name] = value?.DeepClone();
        return members.ToJsonString(Written);
    }

    private static string Notice(string cause, string detail, string whatToDo, string link) => new JsonObject
    {
        ["cause"] = cause,
        ["detail"] = detail,
        ["what_to_do"] = whatToDo,
        ["link"] = link,
        ["first_seen_at"] = "2026-01-15T10:30:00Z",
        ["count"] = 1,
    }.ToJsonString(Written);
}
