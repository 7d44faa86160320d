using System.ComponentModel;
using System.Text;
using Data.Charges;
using Ingest.Api.Database;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Npgsql;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;
using ServiceDefaults.RateLimits;
using Stripe;

namespace Ingest.Api.Charges;

/// <summary>Settings for verifying Stripe's webhooks. The environment variable <c>STRIPE_WEBHOOK_SECRET</c>.</summary>
internal sealed class StripeWebhookOptions
{
    public const string Setting = "STRIPE_WEBHOOK_SECRET";
    public const int MinSecretLength = 16;

    /// <summary>The value in AppHost/appsettings.json. It is public, so it is accepted in Development only.</summary>
    public const string DevelopmentSecret = "development-stripe-webhook-secret-change-me";

    /// <summary>The secret that Stripe signs its webhooks with; without it every one is answered 401.</summary>
    public string? Secret { get; set; }
}

/// <summary>
/// <c>POST /webhooks/stripe</c>: Stripe reports what became of a charge or a refund, also of one whose answer was lost. The signature is the only credential.
/// Settles as the worker does; the same result again changes nothing. What is not ours is answered 200, or Stripe would send it for days.
/// </summary>
internal static partial class StripeWebhook
{
    /// <summary>In seconds: the difference between Stripe's clock and ours that is accepted, Stripe's own recommendation.</summary>
    private const long ToleranceSeconds = 300;

    public static void MapStripeWebhook(this WebApplication app) => app.MapGroup("/webhooks/stripe").TriesTwice().MapPost("", HandleAsync)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithTags("Charges")
        .WithName("reportStripeResult")
        .WithSummary("Stripe reports the result of a charge or a refund")
        .WithDescription("An event as Stripe sends it, signed with STRIPE_WEBHOOK_SECRET. payment_intent.succeeded, .payment_failed and .canceled settle "
            + "charges, refund.updated and refund.failed refunds; every other event is answered 200 and changes nothing.")
        .Takes(new()
        {
            Name = "Stripe-Signature",
            In = ParameterLocation.Header,
            Required = true,
            Description = "t=SECONDS,v1=HEX: HMAC-SHA256 of SECONDS.BODY.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        })
        .Accepts<StripeEventBody>("application/json")
        .WithRequestExample(StripeEvent.Example)
        .Produces<StripeWebhookReply>()
        .Answers(StatusCodes.Status200OK, "Taken: it is settled, now or before, or it changes nothing here.")
        .WithResponseExample(StatusCodes.Status200OK, """{"message":"Charge 019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f is settled: succeeded."}""")
        .Fails(StatusCodes.Status400BadRequest, "The body cannot be read as a JSON object.")
        .Fails(NotSigned, "The signature is missing, too old, or does not match.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(StatusCodes.Status429TooManyRequests, "Too many requests without a valid signature from this address; try again after Retry-After seconds.")
        .Fails(StatusCodes.Status503ServiceUnavailable, "The database cannot answer; Stripe sends it again.");

    private static async Task<Results<Ok<StripeWebhookReply>, Problem>> HandleAsync(
        HttpContext context, IOptions<StripeWebhookOptions> options, AuthFailures failures, NpgsqlDataSource database, TimeProvider clock,
        ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var (bytes, problem) = await RequestBody.ReadJsonAsync(context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (!IsSigned(bytes.Span, context.Request.Headers["Stripe-Signature"], options.Value.Secret, clock.GetUtcNow().ToUnixTimeSeconds()))
            return await failures.AnswerAsync(context, NotSigned);
        (var reported, problem) = StripeEvent.Read(bytes.Span);
        if (problem is not null) return problem;
        if (reported is null) return TypedResults.Ok(new StripeWebhookReply("Nothing here depends on this event."));

        var settlement = await SettleAsync(database, reported, cancellationToken);
        if (settlement is StripeSettlement.Contradicts or StripeSettlement.OutOfRange)
            NeedsAnOperator(loggers.CreateLogger(typeof(StripeWebhook)), reported.Name, reported.Result.Status, settlement);
        return TypedResults.Ok(new StripeWebhookReply(settlement switch
        {
            StripeSettlement.Unknown => $"{reported.Name} is not known here; nothing was changed.",
            StripeSettlement.Contradicts => $"{reported.Name} was settled with the other result, which stays; an operator is told.",
            _ => $"{reported.Name} is settled: {reported.Result.Status}.",
        }));
    }

    private static bool IsSigned(ReadOnlySpan<byte> body, string? header, string? secret, long now)
    {
        if (secret is null || string.IsNullOrEmpty(header)) return false;
        try
        {
            EventUtility.ValidateSignature(Encoding.UTF8.GetString(body), header, secret, ToleranceSeconds, now);
            return true;
        }
        catch (StripeException)
        {
            return false;
        }
    }

    private static async Task<StripeSettlement> SettleAsync(NpgsqlDataSource database, StripeEvent reported, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var settlement = reported.IsRefund
            ? await SettleRefund.RunAsync(connection, reported.Id, reported.Result, claim: null, cancellationToken)
            : await SettleCharge.RunAsync(connection, reported.Id, reported.Result, claim: null, cancellationToken);
        if (settlement is StripeSettlement.Settled or StripeSettlement.OutOfRange) await transaction.CommitAsync(cancellationToken);
        return settlement;
    }

    private static Problem NotSigned => new(
        StatusCodes.Status401Unauthorized, "invalid_signature",
        "Stripe-Signature is missing, is more than 5 minutes old, or does not match this body. It is made with STRIPE_WEBHOOK_SECRET, the signing secret of "
        + "the endpoint in Stripe's dashboard.");

    [LoggerMessage(77, LogLevel.Error, "{Name}: Stripe reports {Status}, which is {Settlement}; nothing more was changed. Compare it with Stripe's dashboard")]
    private static partial void NeedsAnOperator(ILogger logger, string name, string status, StripeSettlement settlement);
}

/// <summary>The answer to an event.</summary>
[DisplayName("StripeResultTaken")]
internal sealed record StripeWebhookReply([property: Description("What was done.")] string Message);

/// <summary>An event as the documentation shows it: the members that are read.</summary>
[DisplayName("StripeEvent")]
internal sealed record StripeEventBody(
    [property: Description("Such as payment_intent.succeeded.")] string Type,
    [property: Description("object: the PaymentIntent or Refund, with the metadata that we gave it.")] Contracts.KeptJson Data);
