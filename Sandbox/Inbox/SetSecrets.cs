using System.ComponentModel;
using System.Text.Json.Serialization;
using Contracts;
using Microsoft.AspNetCore.Http.HttpResults;
using Sandbox.Requests;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Sandbox.Inbox;

/// <summary><c>PUT /sandbox/inbox/{name}/secrets</c>: what an inbox verifies deliveries with from then on. No answer and no log shows them.</summary>
internal static partial class SetSecrets
{
    private const int Max = 10;
    private const string Example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    public static void MapInboxSecrets(this IEndpointRouteBuilder routes) => routes
        .MapPut("/sandbox/inbox/{name}/secrets", PutAsync)
        .WithName("SetInboxSecrets").WithTags("Inbox").WithSummary("Tells an inbox which secrets deliveries are signed with")
        .WithDescription("A signature by any of them is valid, so give both while one replaces the other. None: nothing is verified.")
        .Accepts<InboxSecrets>("application/json").WithRequestExample($$"""{"secrets":["{{Example}}"]}""")
        .Produces<InboxSecretsSet>().Answers(StatusCodes.Status200OK, "How many it has. Deliveries that were received before keep their verdict.")
        .Fails(StatusCodes.Status400BadRequest, "The body cannot be read, or has an unknown member.")
        .Fails(StatusCodes.Status422UnprocessableEntity, "secrets is missing, or one of them is malformed; errors names each.");

    private static async Task<Results<JsonHttpResult<InboxSecretsSet>, Problem>> PutAsync(
        HttpRequest http, string name, Inboxes inboxes, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (inboxes.Find(name) is not { } inbox) return Inboxes.NoName;
        var (body, problem) = await JsonBody.ReadAsync(http, InboxJson.Wire.InboxSecrets, cancellationToken);
        if (body is null) return problem!;
        if (body.Secrets is not { Count: <= Max } texts)
            return Problem.Invalid("secrets", $$"""must be a list of at most {{Max}}, such as {"secrets":["{{Example}}"]}; an empty one takes them away.""");
        WebhookSecret?[] secrets = [.. texts.Select(text => text is null ? null : WebhookSecret.Parse(text))];
        var faults = secrets.Index().Where(secret => secret.Item is null).ToDictionary(secret => $"secrets[{secret.Index}]", _ => new[] { Malformed });
        if (faults.Count > 0) return Problem.Invalid(faults);

        inbox.Secrets = secrets!;
        Changed(loggers.CreateLogger("Sandbox.Inbox.Secrets"), name, secrets.Length);
        return TypedResults.Json(new InboxSecretsSet(name, secrets.Length), InboxJson.Wire.InboxSecretsSet);
    }

    private static string Malformed =>
        $"must be whsec_ and at least {WebhookSecret.MinBytes} bytes in base64, such as {Example}: copy it as it was shown when the endpoint was made.";

    [LoggerMessage(31, LogLevel.Information, "Inbox {Name} verifies deliveries with so many secrets from now on: {Count}")]
    private static partial void Changed(ILogger logger, string name, int count);
}

/// <summary>The body of <c>PUT /sandbox/inbox/{name}/secrets</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record InboxSecrets(
    [property: Description("Each whsec_ and at least 24 bytes in base64; several while one replaces another.")] IReadOnlyList<string?>? Secrets = null);

/// <summary>The answer.</summary>
internal sealed record InboxSecretsSet(
    [property: Description("The inbox.")] string Name,
    [property: Description("How many secrets it has.")] int Secrets);
