using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Query.Api.Search;

/// <summary>What a search found.</summary>
[DisplayName("SearchResult")]
internal sealed record SearchReply(
    [property: Description("What was looked for, without white space around it.")] string Query,
    [property: Description("What has it, in no order of weight; none when nothing has.")] IReadOnlyList<SearchHit> Hits)
{
    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"query":"42","hits":[{"kind":"payment","id":"42","title":"deposit, 250.00 USD","status":"success","matched_by":"id",
                               "created_at":"2026-01-15T10:30:00.130021Z","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"},
                              {"kind":"user","id":"42","title":"dora@example.com","status":null,"matched_by":"id","created_at":"2026-01-15T10:30:00Z"}]}
        """;
}

/// <summary>A thing that was found.</summary>
[DisplayName("SearchHit")]
internal sealed record SearchHit(
    [property: Description("What it is."), AllowedValues(
        HitKind.Transaction, HitKind.Payment, HitKind.Charge, HitKind.Refund, HitKind.Order, HitKind.Installment, HitKind.Wallet, HitKind.User, HitKind.Event,
        HitKind.Delivery, HitKind.Endpoint, HitKind.DeadLetter, HitKind.IdempotencyKey)] string Kind,
    [property: Description("Its id; of an idempotency_key the key.")] string Id,
    [property: Description("What it is about, in a few words.")] string Title,
    [property: Description("Its status; of a dead_letter the reason, of an idempotency_key the HTTP status that was answered; null where there is none.")]
    string? Status,
    [property: Description("By what it was found."), AllowedValues(
        FoundBy.Id, FoundBy.IdempotencyKey, FoundBy.BankReference, FoundBy.Email, FoundBy.CustomerId, FoundBy.ExternalChargeId)] string MatchedBy,
    [property: Description("When it was made, UTC; null of an idempotency_key.")] DateTime? CreatedAt,
    [property: Description("The trace of the request that made it, 32 hex digits; only where it is stored.")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TraceId);

/// <summary>The values of <see cref="SearchHit.Kind"/>.</summary>
internal static class HitKind
{
    public const string Transaction = "transaction", Payment = "payment", Charge = "charge", Refund = "refund", Order = "order", Installment = "installment",
        Wallet = "wallet", User = "user", Event = "event", Delivery = "delivery", Endpoint = "endpoint", DeadLetter = "dead_letter",
        IdempotencyKey = "idempotency_key";
}

/// <summary>The values of <see cref="SearchHit.MatchedBy"/>.</summary>
internal static class FoundBy
{
    public const string Id = "id", IdempotencyKey = "idempotency_key", BankReference = "bank_reference", Email = "email", CustomerId = "customer_id",
        ExternalChargeId = "external_charge_id";
}
