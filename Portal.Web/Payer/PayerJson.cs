using System.Text.Json.Serialization;

namespace Portal.Web.Payer;

/// <summary>What <c>POST /api/v1/auth/login</c> answers.</summary>
internal sealed record LoggedIn(long UserId, string Email, string AccessToken, int ExpiresIn);

/// <summary>What <c>GET /api/v1/users/{id}/balance</c> answers. Amounts are texts with the currency's own decimals.</summary>
internal sealed record Balance(string Currency, [property: JsonPropertyName("balance")] string Total, string Available, string Held);

/// <summary>A deposit or a withdrawal.</summary>
internal sealed record Payment(
    long Id, long UserId, string Type, string Status, string Amount, string Currency, string? BankReference, string? ErrorMessage, string? Description,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? ProcessedAt)
{
    /// <summary>Whether nothing more happens to it.</summary>
    public bool IsSettled => ProcessedAt is not null;

    /// <summary>Where its page is, below an area's.</summary>
    public string Path => $"{Type}s/{Id}";
}

/// <summary>A page of payments.</summary>
internal sealed record PaymentPage(IReadOnlyList<Payment> Items, long Total, bool HasMore, string? NextCursor);

/// <summary>Source-generated JSON of the payment gateway's answers; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LoggedIn))]
[JsonSerializable(typeof(Balance))]
[JsonSerializable(typeof(PaymentPage))]
[JsonSerializable(typeof(Payment))]
internal sealed partial class PayerJson : JsonSerializerContext;
