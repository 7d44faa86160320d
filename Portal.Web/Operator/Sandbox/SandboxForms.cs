using System.Text.Json.Nodes;

namespace Portal.Web.Operator.Sandbox;

/// <summary>The form of the test clock: a text, one of the fixed steps, or back to the real time.</summary>
internal sealed class ClockForm
{
    public string? Advance { get; set; }
    public string? By { get; set; }
    public bool Reset { get; set; }

    public JsonObject ToBody() => new() { ["advance"] = By ?? Advance?.Trim() ?? "" };
}

/// <summary>The bank's switches. What is empty stays as it is.</summary>
internal sealed class BankForm
{
    public string? Behaviour { get; set; }
    public double? SuccessRate { get; set; }
    public string? MinDelay { get; set; }
    public string? MaxDelay { get; set; }

    public JsonObject ToBody() =>
        SandboxBody.Of(("behaviour", Behaviour), ("success_rate", SuccessRate), ("min_delay", MinDelay), ("max_delay", MaxDelay));
}

/// <summary>Stripe's switches.</summary>
internal sealed class StripeForm
{
    public string? Behaviour { get; set; }
    public string? Delay { get; set; }
    public double? Share { get; set; }
    public string? Webhooks { get; set; }

    public JsonObject ToBody() => SandboxBody.Of(("behaviour", Behaviour), ("delay", Delay), ("share", Share), ("webhooks", Webhooks));
}

/// <summary>The inbox's switches.</summary>
internal sealed class InboxForm
{
    public string? Behaviour { get; set; }
    public int? Status { get; set; }
    public string? Delay { get; set; }
    public int? RetryAfter { get; set; }
    public double? Share { get; set; }
    public int? Times { get; set; }

    public JsonObject ToBody() => SandboxBody.Of(
        ("behaviour", Behaviour), ("status", Status), ("delay", Delay), ("retry_after", RetryAfter), ("share", Share), ("times", Times));
}

/// <summary>The bodies of the switches.</summary>
internal static class SandboxBody
{
    /// <summary>The members that have a value.</summary>
    public static JsonObject Of(params ReadOnlySpan<(string Name, object? Value)> members)
    {
        var body = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (value is string text && text.Trim() is { Length: > 0 } trimmed) body[name] = trimmed;
            else if (value is double number) body[name] = number;
            else if (value is int count) body[name] = count;
        }

        return body;
    }
}
