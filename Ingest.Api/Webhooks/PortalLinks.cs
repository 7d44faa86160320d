using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Contracts;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Webhooks;

/// <summary>
/// <c>POST /webhooks/portal-links</c>, with an admin key: a link that opens the portal for one customer's endpoints and deliveries. Nothing is stored: the
/// token in the link says whose it is and until when, and it cannot be revoked.
/// </summary>
internal static class PortalLinks
{
    private const int DefaultSeconds = 3_600, MinSeconds = 60, MaxSeconds = 86_400;

    private static readonly string SecondsRule = $"must be a whole number of seconds from {MinSeconds} to {MaxSeconds}";

    public static void MapPortalLinks(this RouteGroupBuilder group) => group.MapPost("", HandleAsync)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("createPortalLink")
        .WithSummary("Makes a link to the portal for one customer")
        .WithDescription(
            "Whoever has the link sees and changes this customer's endpoints and deliveries until it expires, and nothing else; make it when the customer asks "
            + "for it, and short. Its token may also be sent as Authorization: Bearer to the paths below /webhooks. Nothing is stored, so an Idempotency-Key "
            + "makes no difference: each request gets a link of its own.")
        .Accepts<PortalLinkBody>("application/json")
        .WithRequestExample("""{"customer_id":"cust_42","expires_in":3600}""")
        .Produces<PortalLinkReply>()
        .Answers(StatusCodes.Status200OK, "The link.")
        .WithResponseExample(StatusCodes.Status200OK,
            """{"url":"https://pay.example/consumer?token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl","expires_at":"2026-01-15T11:30:00Z"}""")
        .Fails(StatusCodes.Status400BadRequest, "The body cannot be read as a JSON object.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(Problem.Invalid("expires_in", $"expires_in {SecondsRule}"), "A member is not acceptable, and errors names it.")
        .Fails(NoSigningKey, "No signing key is configured.");

    private static async Task<Results<Ok<PortalLinkReply>, Problem>> HandleAsync(
        HttpContext context, AccessTokens tokens, IOptions<WebhookOptions> options, CancellationToken cancellationToken)
    {
        if (!tokens.CanIssue) return NoSigningKey;
        var (members, problem) = await JsonMembers.ReadAsync(context.Request, """{"customer_id":"cust_42"}""", cancellationToken);
        if (members is null) return problem!;
        var customer = members.Id("customer_id");
        var seconds = DefaultSeconds;
        if (members.Find("expires_in") is { ValueKind: not JsonValueKind.Null } member
            && !WholeNumbers.TryRead(member, MinSeconds, MaxSeconds, out seconds)) members.Refuse("expires_in", SecondsRule);
        if (members.Problem is { } refusal) return refusal;

        var (token, expiresAt) = tokens.IssueForWebhooks(customer!, TimeSpan.FromSeconds(seconds));
        context.Response.Headers.CacheControl = "no-store";
        var portal = options.Value.PortalUrl?.TrimEnd('/') ?? OriginOf(context.Request);
        return TypedResults.Ok(new PortalLinkReply($"{portal}/consumer?token={token}", expiresAt.UtcDateTime));
    }

    /// <summary>
    /// The public base URL, as the front door saw it. Whoever sends these headers to this service itself has an admin key, and gets what they asked for.
    /// </summary>
    private static string OriginOf(HttpRequest request)
    {
        var scheme = request.Headers["X-Forwarded-Proto"] is ["http" or "https"] proto ? proto.ToString() : request.Scheme;
        var host = request.Headers["X-Forwarded-Host"] is [{ Length: > 0 } forwarded] ? new HostString(forwarded) : request.Host;
        return $"{scheme}://{host.ToUriComponent()}";
    }

    private static Problem NoSigningKey => Problem.Unavailable(
        "Portal links cannot be made, because no signing key is configured: set Auth__Jwt__SigningKeys__0 on Ingest.Api and Query.Api.", retryAfterSeconds: 60);
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("NewPortalLink")]
internal sealed record PortalLinkBody(
    [property: Description("The customer whose webhooks the link opens."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string CustomerId,
    [property: Description("Seconds until the link expires, 60-86400; without it 3600."), Range(60, 86_400)] int? ExpiresIn = null);

/// <summary>The answer to a link.</summary>
[DisplayName("PortalLink")]
internal sealed record PortalLinkReply(
    [property: Description("Opens the portal for this customer.")] string Url,
    [property: Description("When it expires, UTC.")] DateTime ExpiresAt);
