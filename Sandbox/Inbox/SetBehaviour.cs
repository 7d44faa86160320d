using Microsoft.AspNetCore.Http.HttpResults;
using Sandbox.Requests;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Sandbox.Inbox;

/// <summary><c>GET</c> and <c>PUT /sandbox/inbox/{name}/behaviour</c>: how an inbox answers deliveries.</summary>
internal static partial class SetBehaviour
{
    private const string Path = "/sandbox/inbox/{name}/behaviour";

    public static void MapInboxBehaviour(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, Get)
            .WithName("GetInboxBehaviour").WithTags("Inbox").WithSummary("How an inbox behaves now")
            .Produces<InboxBehaviour>().Answers(StatusCodes.Status200OK, "This is it.")
            .Fails(Inboxes.NoName, "No inbox can have this name.");
        routes.MapPut(Path, PutAsync)
            .WithName("SetInboxBehaviour").WithTags("Inbox").WithSummary("Tells an inbox how to answer deliveries")
            .WithDescription("Members that are left out stay as they are, but for times: a behaviour that is named without it has no end. "
                + "Deliveries that are being answered go on as they were.")
            .Accepts<InboxBehaviourChange>("application/json")
            .WithRequestExample("""{"behaviour":"too_many","retry_after":30,"share":0.5,"times":3}""")
            .Produces<InboxBehaviour>().Answers(StatusCodes.Status200OK, "How it behaves from now on.")
            .Fails(StatusCodes.Status400BadRequest, "The body cannot be read, or has an unknown member.")
            .Fails(StatusCodes.Status422UnprocessableEntity, "A member is not acceptable; errors names each.");
    }

    private static Results<JsonHttpResult<InboxBehaviour>, Problem> Get(string name, Inboxes inboxes) =>
        inboxes.Find(name) is { } inbox ? TypedResults.Json(inbox.Behaviour, InboxJson.Wire.InboxBehaviour) : Inboxes.NoName;

    private static async Task<Results<JsonHttpResult<InboxBehaviour>, Problem>> PutAsync(
        HttpRequest http, string name, Inboxes inboxes, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (inboxes.Find(name) is not { } inbox) return Inboxes.NoName;
        var (change, problem) = await JsonBody.ReadAsync(http, InboxJson.Wire.InboxBehaviourChange, cancellationToken);
        if (change is null) return problem!;
        var (next, faults) = inbox.Change(change);
        if (faults.Count > 0) return Problem.Invalid(faults);

        Changed(loggers.CreateLogger("Sandbox.Inbox.Behaviour"), name, next.Behaviour, next.Share, next.Times);
        return TypedResults.Json(next, InboxJson.Wire.InboxBehaviour);
    }

    [LoggerMessage(30, LogLevel.Information, "Inbox {Name} from now on: {Behaviour} for a part of {Share}, times: {Times}")]
    private static partial void Changed(ILogger logger, string name, string behaviour, double share, int? times);
}
