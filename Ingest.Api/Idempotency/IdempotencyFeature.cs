using Microsoft.OpenApi;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Idempotency;

/// <summary>What a request with a known key and another body is answered.</summary>
internal enum MismatchAnswer
{
    /// <summary>422, as Stripe does: the caller has made a mistake, and is told.</summary>
    Refuse,

    /// <summary>The stored answer, as if the body were the same.</summary>
    Replay,
}

/// <summary>How repeated requests are recognized. Section <c>Idempotency</c>.</summary>
internal sealed class IdempotencyOptions
{
    public const string Section = "Idempotency";

    /// <summary>What a known key with another body is answered.</summary>
    public MismatchAnswer OnMismatch { get; set; } = MismatchAnswer.Refuse;

    /// <summary>How long a key is remembered.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a request waits for an earlier one with the same key before it is answered 409.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Requests that may have a database connection at a time; more wait for <see cref="PlaceTimeout"/>. Requests with one key wait for each other inside
    /// PostgreSQL: without this limit a caller who sends one key a hundred times would hold all connections of the pool.
    /// </summary>
    public int MaxConcurrency { get; set; } = 32;

    /// <summary>How many of them may be one caller's, so that a caller whose key is slow leaves the rest to others.</summary>
    public int MaxPerCaller { get; set; } = 16;

    /// <summary>
    /// How long a request waits for its turn before it is answered 503. With this, the pool's time-out and a statement's time-out one after the other, the
    /// answer still comes before the front door gives up (15 s).
    /// </summary>
    public TimeSpan PlaceTimeout { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>The header <c>Idempotency-Key</c>: 1-255 visible ASCII characters, once.</summary>
internal static class IdempotencyHeader
{
    public const string Name = "Idempotency-Key";
    public const int MaxLength = 255;

    /// <summary>The key, null where it is optional and left out; or the 400 that says what is wrong with it.</summary>
    public static (string? Key, Problem? Problem) Read(HttpRequest request, bool isRequired) => request.Headers[Name] switch
    {
        [{ Length: >= 1 and <= MaxLength } key] when key.All(c => c is >= '!' and <= '~') => (key, null),
        [] when !isRequired => (null, null),
        [] => (null, Missing),
        _ => (null, Refusal("idempotency_key_malformed")),
    };

    /// <summary>The 400 for a key that is required and was not sent.</summary>
    public static Problem Missing => Refusal("idempotency_key_missing");

    private static Problem Refusal(string error) => new(
        StatusCodes.Status400BadRequest, error,
        $"{Name} must be sent once, with 1 to {MaxLength} visible ASCII characters: a new one for each request you mean to make, the same one when you "
            + "repeat a request.");
}

/// <summary>Requests that can be repeated safely: their settings, their service, and what the OpenAPI document says of the header.</summary>
internal static class IdempotencyFeature
{
    public static void AddIdempotency(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<IdempotencyOptions>().BindConfiguration(IdempotencyOptions.Section)
            .Validate(o => Enum.IsDefined(o.OnMismatch), "Idempotency__OnMismatch must be Refuse or Replay.")
            .Validate(o => IsBetween(o.Lifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)), "Idempotency__Lifetime must be between 00:01:00 and "
                + "30.00:00:00.")
            .Validate(o => IsBetween(o.Patience, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(30)), "Idempotency__Patience must be between "
                + "00:00:00.001 and 00:00:30.")
            .Validate(o => o.MaxConcurrency is >= 1 and <= 1000, "Idempotency__MaxConcurrency must be between 1 and 1000 requests.")
            .Validate(o => o.MaxPerCaller is >= 1 and <= 1000, "Idempotency__MaxPerCaller must be between 1 and 1000 requests.")
            .Validate(o => IsBetween(o.PlaceTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)), "Idempotency__PlaceTimeout must be between "
                + "00:00:00.001 and 00:01:00.")
            .ValidateOnStart();
        builder.Services.AddSingleton<IdempotentRequests>();
    }

    /// <summary>Documents the header Idempotency-Key. The handler takes the key from <see cref="IdempotentRequests"/>.</summary>
    public static RouteHandlerBuilder TakesIdempotencyKey(this RouteHandlerBuilder endpoint, bool isRequired) => endpoint
        .Takes(new()
        {
            Name = IdempotencyHeader.Name,
            In = ParameterLocation.Header,
            Required = isRequired,
            Description = "Your name for this request, 1-255 visible ASCII characters. A repeat with the same key gets the same answer and does nothing "
                + "more, for 24 hours.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = IdempotencyHeader.MaxLength, Pattern = "^[!-~]+$" },
            Example = "9b2f6c1e-order-1042",
        })
        .Sends(StatusCodes.Status200OK, ResponseHeaders.IdempotencyReplayed)
        .Sends(StatusCodes.Status201Created, ResponseHeaders.IdempotencyReplayed)
        .Sends(StatusCodes.Status202Accepted, ResponseHeaders.IdempotencyReplayed)
        .Sends(StatusCodes.Status400BadRequest, ResponseHeaders.IdempotencyReplayed);

    private static bool IsBetween(TimeSpan value, TimeSpan min, TimeSpan max) => value >= min && value <= max;
}
