using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Data.Webhooks;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Webhooks;

/// <summary><c>PATCH /webhooks/endpoints/{id}</c>: changes the members that are sent, and disables an endpoint or enables it again.</summary>
internal static class ChangeEndpoint
{
    private const string Message = "The endpoint was disabled by its owner. Enable it, then retry this delivery, or replay what it missed.";

    public static void MapChangeEndpoint(this RouteGroupBuilder group) => group.MapPatch("/endpoints/{id}", HandleAsync)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("changeWebhookEndpoint")
        .WithSummary("Changes an endpoint")
        .WithDescription(
            "Members that are left out stay as they are. disabled: true stops its deliveries, and those that are pending fail; false starts them again, and it "
            + "counts as one that never failed. Events that happen meanwhile are kept: replay sends them. customer_id cannot be changed.")
        .WithPathUuid("id", EndpointRows.ExampleId)
        .Accepts<EndpointChangeBody>("application/json")
        .WithRequestExample("""{"event_types":["charge.succeeded"],"disabled":false}""")
        .Produces<EndpointReply>()
        .Answers(StatusCodes.Status200OK, "The endpoint as it is now.")
        .WithResponseExample(StatusCodes.Status200OK, EndpointReply.Example)
        .Fails(StatusCodes.Status400BadRequest, "The body cannot be read as a JSON object.")
        .Fails(EndpointRows.ForAdministrators, "Endpoints for events operations.* need an admin key.")
        .Fails(EndpointRows.NoEndpoint(EndpointRows.ExampleId), "There is no such endpoint.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(Problem.Invalid("customer_id", "customer_id cannot be changed; delete this endpoint and make another"),
            "A member is not acceptable, and errors names it.")
        .Fails(EndPending.TooMany, "The database cannot answer, or there are very many deliveries to end; send it again after Retry-After seconds.");

    private static async Task<Results<Ok<EndpointReply>, Problem>> HandleAsync(
        [Description("The endpoint's id.")] string id, HttpContext context, NpgsqlDataSource database, EndpointUrl urls, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadAsync(context.Request, """{"disabled":false}""", cancellationToken);
        if (members is null) return problem!;
        var caller = WebhookCaller.Of(context);
        var change = await ReadAsync(members, caller, urls, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        (var endpoint, problem) = await EndpointRows.FindAsync(connection, id, caller, cancellationToken);
        if (endpoint is null) return problem!;
        change.CheckFor(endpoint, members);
        if (members.Problem is { } refusal) return refusal;
        if (change.EventTypes?.AreForOperators() == true && !caller.IsAdmin) return EndpointRows.ForAdministrators;

        var isDisabled = change.Disabled == true;
        if (isDisabled && await EndPending.RunAsync(database, endpoint.Id, Message, clock, cancellationToken) is { } tooMany) return tooMany;
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (isDisabled) await EndpointRows.WaitForFanOutAsync(connection, cancellationToken);
        (endpoint, problem) = await EndpointRows.LockAsync(connection, id, caller, cancellationToken);
        if (endpoint is null) return problem!;
        change.ApplyTo(endpoint);
        endpoint = await EndpointRows.UpdateAsync(connection, endpoint, change.Disabled, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        if (isDisabled) await EndDeliveries.RunAsync(database, endpoint.Id, Message, CancellationToken.None);
        return TypedResults.Ok(EndpointReply.Of(endpoint));
    }

    private static async Task<EndpointChange> ReadAsync(
        JsonMembers members, WebhookCaller caller, EndpointUrl urls, CancellationToken cancellationToken)
    {
        if (members.Find("disabled") is { ValueKind: JsonValueKind.Null }) members.Refuse("disabled", "must be true or false");
        return new(
            members.Find("url") is null ? null : await members.UrlAsync(urls, cancellationToken), members.EventTypes(caller),
            members.Find("description") is not null, members.Description("description"), members.Style(), members.OptionalFlag("disabled"));
    }

    /// <summary>The members that were sent; null for one that was left out.</summary>
    private sealed record EndpointChange(string? Url, string[]? EventTypes, bool HasDescription, string? Description, string? PayloadStyle, bool? Disabled)
    {
        /// <summary>Refuses what does not go with the endpoint as it is.</summary>
        public void CheckFor(WebhookEndpoint endpoint, JsonMembers members)
        {
            if (members.Find("customer_id") is { } member && JsonMembers.TextOf(member) != endpoint.CustomerId)
                members.Refuse("customer_id", "cannot be changed; delete this endpoint and make another");
            if (endpoint.CustomerId is not null && EventTypes?.AreForOperators() == true)
                members.Refuse("event_types", "has notices to operators (operations.*), which no customer gets");
        }

        public void ApplyTo(WebhookEndpoint endpoint)
        {
            endpoint.Url = Url ?? endpoint.Url;
            endpoint.EventTypes = EventTypes ?? endpoint.EventTypes;
            endpoint.Description = HasDescription ? Description : endpoint.Description;
            endpoint.PayloadStyle = PayloadStyle ?? endpoint.PayloadStyle;
        }
    }
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("WebhookEndpointChange")]
internal sealed record EndpointChangeBody(
    [property: Description("Where events are sent to, from the next attempt on."), MaxLength(WebhookEndpoint.MaxUrlLength)] string? Url = null,
    [property: Description("Only events of these types; null or an empty array for all that happens to resources.")] IReadOnlyList<string>? EventTypes = null,
    [property: Description("Your text; null for none."), MaxLength(JsonMembers.MaxText)] string? Description = null,
    [property: Description("How payloads look."), AllowedValues(Data.Webhooks.PayloadStyle.Envelope, Data.Webhooks.PayloadStyle.Flat)]
    string? PayloadStyle = null,
    [property: Description("Whether its deliveries are stopped.")] bool? Disabled = null);
