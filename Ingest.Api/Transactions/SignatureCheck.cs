using Contracts;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Transactions;

/// <summary>The signature that senders must send. Section <c>WebhookSignature</c>; without secrets none is required.</summary>
internal sealed class SignatureOptions
{
    public const string Section = "WebhookSignature";

    /// <summary>
    /// Standard Webhooks secrets: <c>whsec_</c> and 24-64 bytes in base64. A signature by any of them is accepted, so that one can be
    /// replaced without a gap.
    /// </summary>
    public string[] Secrets { get; set; } = [];

    /// <summary>How far webhook-timestamp may be from now, either way: an older one may be a replay.</summary>
    public TimeSpan Tolerance { get; set; } = TimeSpan.FromMinutes(5);

    public static bool IsWellFormed(string secret) => WebhookSecret.Parse(secret) is not null;
}

/// <summary>Checks the <see cref="StandardWebhooks"/> signature of a request.</summary>
internal sealed class SignatureCheck(IOptions<SignatureOptions> options, TimeProvider clock)
{
    private readonly WebhookSecret[] _secrets = [.. options.Value.Secrets.Select(secret => WebhookSecret.Parse(secret)!)];

    /// <summary>True when requests must be signed.</summary>
    public bool IsRequired => _secrets.Length > 0;

    /// <summary>Returns null for a valid signature, otherwise the 401 that says what is wrong with it.</summary>
    public Problem? Refuse(IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        if (Single(headers, StandardWebhooks.IdHeader) is not { } id
            || Single(headers, StandardWebhooks.TimestampHeader) is not { } timestamp
            || Single(headers, StandardWebhooks.SignatureHeader) is not { } signatures)
        {
            return Unsigned("The headers webhook-id, webhook-timestamp and webhook-signature are needed, once each.");
        }

        return StandardWebhooks.Verify(_secrets, id, timestamp, signatures, body, clock.GetUtcNow(), options.Value.Tolerance) switch
        {
            WebhookVerification.Valid => null,
            WebhookVerification.MalformedTimestamp => Unsigned("webhook-timestamp must be the time of sending in whole seconds since 1970."),
            WebhookVerification.OutsideTolerance =>
                Unsigned($"webhook-timestamp is more than {options.Value.Tolerance.TotalMinutes:0.#} minutes from now. Sign the request anew."),
            _ => Unsigned("webhook-signature does not match the body under any secret in use."),
        };
    }

    private static string? Single(IHeaderDictionary headers, string name) => headers[name] is [{ Length: > 0 } value] ? value : null;

    private static Problem Unsigned(string detail) => new(StatusCodes.Status401Unauthorized, "invalid_signature", detail);
}

/// <summary>Describes the signature's headers in the OpenAPI document.</summary>
internal static class SignatureParameters
{
    public static RouteHandlerBuilder TakesSignature(this RouteHandlerBuilder endpoint) => endpoint
        .Takes(Header(StandardWebhooks.IdHeader, "Where webhooks must be signed: an id of this message, the same whenever it is sent again."))
        .Takes(Header(StandardWebhooks.TimestampHeader, "Where webhooks must be signed: the time of sending, in seconds since 1970."))
        .Takes(Header(StandardWebhooks.SignatureHeader,
            "Where webhooks must be signed: v1, and the signature in base64, by www.standardwebhooks.com. Several are separated by spaces."));

    private static OpenApiParameter Header(string name, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
