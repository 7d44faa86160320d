using System.Text.Json.Serialization;
using Sandbox.Stripe.Intents;

namespace Sandbox.Stripe;

/// <summary>An error as Stripe answers it; also an intent's <c>last_payment_error</c>. Members that do not apply are left out.</summary>
/// <param name="Type"><c>card_error</c>, <c>invalid_request_error</c>, <c>idempotency_error</c> or <c>api_error</c>.</param>
/// <param name="Message">What a person can read.</param>
internal sealed record StripeError(string Type, string Message)
{
    public const string InvalidRequest = "invalid_request_error", Api = "api_error", Card = "card_error", Idempotency = "idempotency_error";

    /// <summary>What programs branch on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    /// <summary>Why the card's bank said no.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeclineCode { get; init; }

    /// <summary>The parameter that is wrong.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Param { get; init; }

    /// <summary>The charge that failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Charge { get; init; }

    /// <summary>The intent as it is now.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PaymentIntent? PaymentIntent { get; init; }

    /// <summary>The card that was tried.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PaymentMethod? PaymentMethod { get; init; }

    public static StripeError Unknown(string parameter) =>
        new(InvalidRequest, $"Received unknown parameter: {parameter}") { Code = "parameter_unknown", Param = parameter };

    public static StripeError Missing(string parameter) =>
        new(InvalidRequest, $"Missing required param: {parameter}.") { Code = "parameter_missing", Param = parameter };

    public static StripeError Empty(string parameter) =>
        new(InvalidRequest, $"You passed an empty string for '{parameter}'. We assume empty values are an attempt to unset a field; however '{parameter}' "
            + $"cannot be unset. You should remove '{parameter}' from your request or supply a non-empty value.")
        { Code = "parameter_invalid_empty", Param = parameter };

    public static StripeError Invalid(string parameter, string message, string? code = null) => new(InvalidRequest, message) { Code = code, Param = parameter };

    public static StripeError NoSuch(string kind, string id, string parameter) =>
        new(InvalidRequest, $"No such {kind}: '{id}'") { Code = "resource_missing", Param = parameter };
}

/// <summary>The body of an error.</summary>
internal sealed record StripeErrorBody(StripeError Error);

/// <summary>An answer to a request.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">An object that <see cref="StripeJson"/> knows. It does not change any more: it may be answered again hours later.</param>
/// <param name="IsKept">Whether the same Idempotency-Key gets it again. False: the request was refused before anything was tried.</param>
internal sealed record StripeAnswer(int Status, object Body, bool IsKept = true)
{
    public static StripeAnswer Ok(object body) => new(StatusCodes.Status200OK, body);

    /// <summary>The parameters cannot be read or are not allowed: nothing was tried.</summary>
    public static StripeAnswer Unread(StripeError error) => Failed(StatusCodes.Status400BadRequest, error) with { IsKept = false };

    public static StripeAnswer Failed(int status, StripeError error) => new(status, new StripeErrorBody(error));
}
