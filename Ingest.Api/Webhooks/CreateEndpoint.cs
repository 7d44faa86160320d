using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text.Json;
using Contracts;
using Data.Webhooks;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Webhooks;

/// <summary><c>POST /webhooks/endpoints</c>: where events are to be sent. The secret that signs them is in this answer only.</summary>
internal static class CreateEndpoint
{
    private const string Example =
        """{"url":"https://shop.example/webhooks","customer_id":"cust_42","event_types":["charge.succeeded","charge.failed"],"description":"The shop"}""";

    public static void MapCreateEndpoint(this RouteGroupBuilder group) => group.MapPost("/endpoints", HandleAsync)
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("createWebhookEndpoint")
        .WithSummary("Adds an endpoint that events are sent to")
        .WithDescription(
            "Every event that happens from now on is POSTed to the URL, signed by Standard Webhooks with the secret in the answer, which is shown here and "
            + "never again. With the token of a portal link the endpoint is its customer's. Types operations.* need an admin key, and are not to be had for a "
            + "customer. With an Idempotency-Key the answer is kept encrypted with the caller's credential, and a repeat with the same one gets it again.")
        .Accepts<EndpointBody>("application/json")
        .WithRequestExample(Example)
        .Produces<NewEndpointReply>(StatusCodes.Status201Created)
        .Answers(StatusCodes.Status201Created, "The endpoint, with its secret.")
        .Sends(StatusCodes.Status201Created, ResponseHeaders.Location)
        .WithResponseExample(StatusCodes.Status201Created,
            EndpointReply.Example.TrimEnd()[..^1] + ",\"secret\":\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=\"}")
        .FailsAsWrites()
        .Fails(EndpointRows.ForAdministrators, "Events operations.* need an admin key.")
        .Fails(IdempotentRequest.InFlight, "A request with this Idempotency-Key is still being worked on, or was sent with another credential.")
        .Fails(Problem.Invalid("url", $"url {EndpointUrl.Rule}"),
            "A member is not acceptable, and errors names it; or the Idempotency-Key was used with another body.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        HttpContext context, IdempotentRequests requests, EndpointUrl urls, EndpointSecrets secrets, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadAsync(context.Request, """{"url":"https://shop.example/webhooks"}""", cancellationToken);
        if (members is null) return problem!;
        var caller = WebhookCaller.Of(context);
        var endpoint = await ReadAsync(members, caller, urls, Guid.CreateVersion7(clock.GetUtcNow()), cancellationToken);
        if (members.Problem is { } refusal) return refusal;
        if (endpoint.EventTypes.AreForOperators() && !caller.IsAdmin) return EndpointRows.ForAdministrators;
        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;
        context.Response.Headers.CacheControl = "no-store";
        request.SealReplyWith(context.CredentialText());
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        var secret = WebhookSecret.New(RandomNumberGenerator.Fill);
        endpoint.Secret = secrets.Protect(secret);
        endpoint = await EndpointRows.InsertAsync(request.Connection, endpoint, cancellationToken);
        var reply = Reply.Done(
            StatusCodes.Status201Created, JsonSerializer.SerializeToUtf8Bytes(NewEndpointReply.Of(endpoint, secret), WebhooksJson.Wire.NewEndpointReply),
            $"/webhooks/endpoints/{endpoint.Id}");
        await request.StoreAndCommitAsync(reply);
        return reply;
    }

    /// <summary>The credential that a stored answer with a secret is encrypted with. Without any, where none is needed, everybody may see everything.</summary>
    internal static string CredentialText(this HttpContext context) => Credential.Of(context.Request)?.Text ?? "";

    private static async Task<WebhookEndpoint> ReadAsync(
        JsonMembers members, WebhookCaller caller, EndpointUrl urls, Guid id, CancellationToken cancellationToken)
    {
        var url = await members.UrlAsync(urls, cancellationToken);
        var customer = members.OptionalText("customer_id", $"must be a string of {Ids.Allowed}", text => Ids.IsValid(text));
        if (customer is not null && !caller.MaySee(customer))
            members.Refuse("customer_id", $"must be {caller.CustomerId}, the customer whose portal link this is; or leave it out");
        customer ??= caller.CustomerId;
        var types = members.EventTypes(caller) ?? [];
        if (customer is not null && types.AreForOperators())
            members.Refuse("event_types", "has notices to operators (operations.*), which no customer gets; leave out customer_id, or these types");
        return new()
        {
            Id = id,
            Url = url ?? "",
            CustomerId = customer,
            EventTypes = types,
            Description = members.Description("description"),
            PayloadStyle = members.Style() ?? PayloadStyle.Envelope,
            Secret = "",
        };
    }
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("NewWebhookEndpoint")]
internal sealed record EndpointBody(
    [property: Description("Where events are sent to: an absolute https URL (Webhooks__AllowHttp allows http), without user name, password and "
        + "fragment, and not in a private network.")]
    [property: MaxLength(WebhookEndpoint.MaxUrlLength), RegularExpression("^https?://")] string Url,
    [property: Description("Only this customer's events; without it everybody's. Transactions and payments have no customer."), MaxLength(Ids.MaxLength)]
    [property: RegularExpression(Ids.Pattern)] string? CustomerId = null,
    [property: Description("Only events of these types (GET /webhooks/event-types); without it all that happens to resources.")]
    IReadOnlyList<string>? EventTypes = null,
    [property: Description("Your text."), MaxLength(JsonMembers.MaxText)] string? Description = null,
    [property: Description("How payloads look; without it envelope."), AllowedValues(Data.Webhooks.PayloadStyle.Envelope, Data.Webhooks.PayloadStyle.Flat)]
    string? PayloadStyle = null);

/// <summary>The answer to an endpoint that was made: the endpoint and its secret.</summary>
[DisplayName("CreatedWebhookEndpoint")]
internal sealed record NewEndpointReply(
    [property: Description("A UUID.")] Guid Id,
    [property: Description("Where its events are sent to.")] string Url,
    [property: Description("Only this customer's events; null for everybody's.")] string? CustomerId,
    [property: Description("Only events of these types; empty for all that happens to resources.")] IReadOnlyList<string> EventTypes,
    [property: Description("Its owner's text; null without one.")] string? Description,
    [property: Description("How payloads look.")] string PayloadStyle,
    [property: Description("enabled.")] string Status,
    [property: Description("null.")] string? DisabledBecause,
    [property: Description("null.")] DateTime? FailingSince,
    [property: Description("null.")] DateTime? DisabledAt,
    [property: Description("null.")] DateTime? PreviousSecretUntil,
    [property: Description("When it was made, UTC.")] DateTime CreatedAt,
    [property: Description("null.")] DateTime? UpdatedAt,
    [property: Description("What its events are signed with, whsec_ and base64: shown here and never again.")] string Secret)
{
    public static NewEndpointReply Of(WebhookEndpoint row, WebhookSecret secret)
    {
        var shown = EndpointReply.Of(row);
        return new(
            shown.Id, shown.Url, shown.CustomerId, shown.EventTypes, shown.Description, shown.PayloadStyle, shown.Status, shown.DisabledBecause,
            shown.FailingSince, shown.DisabledAt, shown.PreviousSecretUntil, shown.CreatedAt, shown.UpdatedAt, secret.Reveal());
    }
}
