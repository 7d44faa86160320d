using System.Text.Json.Serialization;
using Sandbox.Stripe.Books;

namespace Sandbox.Stripe.Refunds;

/// <summary>Money given back, as Stripe shows it. It never changes; <see cref="RefundEntry"/> has the one of now.</summary>
internal sealed record Refund
{
    public const string Pending = "pending", Succeeded = "succeeded", Failed = "failed";

    /// <summary><c>re_...</c></summary>
    public required string Id { get; init; }

    public string Object { get; } = "refund";

    /// <summary>In the currency's minor unit.</summary>
    public required long Amount { get; init; }

    /// <summary><c>ch_...</c></summary>
    public required string Charge { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required long Created { get; init; }

    /// <summary>Three lower-case letters.</summary>
    public required string Currency { get; init; }

    /// <summary>There when it has failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FailureReason { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required string PaymentIntent { get; init; }

    public required string? Reason { get; init; }

    /// <summary>pending, succeeded or failed.</summary>
    public required string Status { get; init; }
}
