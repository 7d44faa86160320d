using System.Text.Json;
using Data.Charges;
using Ingest.Api.Requests;
using ServiceDefaults.Problems;

namespace Ingest.Api.Charges;

/// <summary>What an event of Stripe's says about a charge or a refund of ours, which it names in the metadata that we sent with it.</summary>
/// <param name="IsRefund">Whether it is a refund.</param>
/// <param name="Id">The charge or the refund.</param>
/// <param name="Result">Its result.</param>
internal sealed record StripeEvent(bool IsRefund, Guid Id, StripeResult Result)
{
    public const string Example =
        """
        {"type":"payment_intent.succeeded",
         "data":{"object":{"id":"pi_3PqRsT","object":"payment_intent","status":"succeeded","metadata":{"charge_id":"019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f"}}}}
        """;

    private const string Canceled = "canceled";

    /// <summary>For messages.</summary>
    public string Name => IsRefund ? $"Refund {Id}" : $"Charge {Id}";

    /// <summary>The event; the problem when the body is not JSON; neither when it is about something else, or about nothing final.</summary>
    public static (StripeEvent? Event, Problem? Problem) Read(ReadOnlySpan<byte> body)
    {
        var (members, problem) = JsonMembers.Read(body);
        if (members is null) return (null, problem);
        if (members.IsEmpty) return (null, Problem.InvalidJson("A body is needed: an event of Stripe's."));
        var type = members.Find("type") is { } named ? JsonMembers.TextOf(named) : null;
        if (members.Find("data") is not { ValueKind: JsonValueKind.Object } data || Object(data, "object") is not { } thing) return (null, null);
        var result = type switch
        {
            "payment_intent.succeeded" => Succeeded(thing),
            "payment_intent.payment_failed" => Failed(thing, Object(thing, "last_payment_error")),
            "payment_intent.canceled" => StripeResult.Failed(Text(thing, "id"), Canceled, "The payment was cancelled at Stripe."),
            "refund.updated" or "charge.refund.updated" or "refund.failed" => OfRefund(thing),
            _ => null,
        };
        var isRefund = type?.Contains("refund", StringComparison.Ordinal) == true;
        var metadata = Object(thing, "metadata");
        var id = metadata is { } ours ? Text(ours, isRefund ? "refund_id" : "charge_id") : null;
        return (result is not null && Guid.TryParseExact(id, "D", out var ofOurs) ? new(isRefund, ofOurs, result) : null, null);
    }

    private static StripeResult? Succeeded(JsonElement thing) => Text(thing, "id") is { } id ? StripeResult.Succeeded(id) : null;

    private static StripeResult Failed(JsonElement intent, JsonElement? error) => StripeResult.Failed(
        Text(intent, "id"), error is { } said ? Text(said, "code") ?? "payment_failed" : "payment_failed",
        (error is { } why ? Text(why, "message") : null) ?? "The payment failed at Stripe.", error is { } declined ? Text(declined, "decline_code") : null);

    private static StripeResult? OfRefund(JsonElement refund) => Text(refund, "status") switch
    {
        "succeeded" => Succeeded(refund),
        "failed" or Canceled => StripeResult.Failed(
            Text(refund, "id"), Text(refund, "failure_reason") ?? "refund_failed",
            $"Stripe could not refund it: {Text(refund, "failure_reason") ?? "no reason given"}."),
        _ => null,
    };

    private static JsonElement? Object(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Object ? member : null;

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var member) ? JsonMembers.TextOf(member) : null;
}
