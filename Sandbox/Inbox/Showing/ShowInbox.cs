using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Sandbox.Inbox.Showing;

/// <summary><c>GET /sandbox/inbox</c>, and <c>GET</c> and <c>DELETE /sandbox/inbox/{name}</c>: what was received, as JSON or as a page for a browser.</summary>
internal static class ShowInbox
{
    private const string ListPath = "/sandbox/inbox", Path = $"{ListPath}/{{name}}";

    public static void MapShowInbox(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ListPath, List)
            .WithName("ListInboxes").WithTags("Inbox").WithSummary("All inboxes, with their counts")
            .WithDescription("A browser gets a page.")
            .Produces<InboxList>().Answers(StatusCodes.Status200OK, "By name.");
        routes.MapGet(Path, GetAsync)
            .WithName("GetInbox").WithTags("Inbox").WithSummary("An inbox with its newest deliveries; can wait for the next")
            .WithDescription("A browser gets a page that renews itself. With wait the answer comes as soon as more than after deliveries have been received.")
            .TakesQuery("limit", "How many deliveries are shown.", Numbers(1, InboxQuery.MaxLimit))
            .TakesQuery("type", "Only deliveries of this event type.", new() { Type = JsonSchemaType.String })
            .TakesQuery("wait", "How many seconds the answer may wait.", Numbers(0, InboxQuery.MaxWaitSeconds))
            .TakesQuery("after", "Wait until more than so many have been received; without it: than now.",
                new() { Type = JsonSchemaType.Integer, Minimum = "0" })
            .Produces<InboxReply>().Answers(StatusCodes.Status200OK, "What it has; an inbox that was never used is empty.")
            .Fails(StatusCodes.Status422UnprocessableEntity, "A parameter or the name is not acceptable; errors names each.");
        routes.MapDelete(Path, Empty)
            .WithName("EmptyInbox").WithTags("Inbox").WithSummary("Empties an inbox")
            .WithDescription("Deliveries and counts are forgotten. Its secrets and its behaviour stay.")
            .Produces(StatusCodes.Status204NoContent).Answers(StatusCodes.Status204NoContent, "It is empty.")
            .Fails(Inboxes.NoName, "No inbox can have this name.");
    }

    private static IResult List(HttpContext http, Inboxes inboxes)
    {
        var list = new InboxList([.. inboxes.All.Select(InboxSummary.Of)]);
        return IsForPerson(http) ? Page(http, InboxPage.Of(list)) : TypedResults.Json(list, InboxJson.Wire.InboxList);
    }

    private static async Task<IResult> GetAsync(
        HttpContext http, string name, Inboxes inboxes, TimeProvider clock, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        if (inboxes.Find(name) is not { } inbox) return Inboxes.NoName;
        var (query, faults) = InboxQuery.From(http.Request.Query);
        if (faults.Count > 0) return Problem.Invalid(faults);
        if (query.Wait > TimeSpan.Zero)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
            await inbox.WaitAsync(query.After, query.Wait, clock, either.Token);
        }

        var reply = InboxReply.Of(inbox, query.Limit, query.Type);
        return IsForPerson(http) ? Page(http, InboxPage.Of(reply)) : TypedResults.Json(reply, InboxJson.Wire.InboxReply);
    }

    private static Results<NoContent, Problem> Empty(string name, Inboxes inboxes)
    {
        if (inboxes.Find(name) is not { } inbox) return Inboxes.NoName;
        inbox.Empty();
        return TypedResults.NoContent();
    }

    // Browsers name HTML first; programs do not.
    private static bool IsForPerson(HttpContext http)
    {
        http.Response.Headers.Vary = "Accept";
        http.Response.Headers.CacheControl = "no-store";
        return http.Request.Headers.Accept.ToString().StartsWith(MediaTypeNames.Text.Html, StringComparison.OrdinalIgnoreCase);
    }

    // What others sent is on it, escaped; if it were not, it could still not run or load anything.
    private static ContentHttpResult Page(HttpContext http, string html)
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Content(html, "text/html; charset=utf-8");
    }

    private static OpenApiSchema Numbers(int min, int max) => new() { Type = JsonSchemaType.Integer, Minimum = $"{min}", Maximum = $"{max}" };
}
