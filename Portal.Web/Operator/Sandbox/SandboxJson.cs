using System.Text.Json.Serialization;

namespace Portal.Web.Operator.Sandbox;

/// <summary>What the sandbox says of itself: how the bank behaves now and may behave, and the same of Stripe and of the inbox called default.</summary>
internal sealed record SandboxHome(BankNow Now, IReadOnlyDictionary<string, string> Behaviours, StripeHome Stripe, InboxHome Inbox);

/// <summary>How the bank behaves.</summary>
internal sealed record BankNow(string Behaviour, double SuccessRate, string MinDelay, string MaxDelay);

/// <summary>How Stripe behaves, and may.</summary>
internal sealed record StripeHome(StripeNow Now, IReadOnlyDictionary<string, string> Behaviours);

/// <summary>How Stripe behaves.</summary>
internal sealed record StripeNow(string Behaviour, string Delay, double Share, string Webhooks);

/// <summary>How the inbox behaves, and may.</summary>
internal sealed record InboxHome(InboxNow Now, IReadOnlyDictionary<string, string> Behaviours);

/// <summary>How the inbox behaves.</summary>
internal sealed record InboxNow(string Behaviour, int Status, string Delay, int RetryAfter, double Share, int? Times);

/// <summary>The clock by which installments fall due.</summary>
internal sealed record ClockNow(DateTimeOffset Now, DateTimeOffset RealNow, string Ahead);

/// <summary>Source-generated JSON of the sandbox; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SandboxHome))]
[JsonSerializable(typeof(ClockNow))]
internal sealed partial class SandboxJson : JsonSerializerContext;
