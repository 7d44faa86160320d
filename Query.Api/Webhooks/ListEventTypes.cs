using System.ComponentModel;
using System.Text;
using Contracts;
using Data.Webhooks;
using ServiceDefaults.OpenApi;

namespace Query.Api.Webhooks;

/// <summary><c>GET /webhooks/event-types</c>: every type of events with an example of its payload and its schema.</summary>
internal static class ListEventTypes
{
    public static void MapListEventTypes(this RouteGroupBuilder group)
    {
        IReadOnlyList<EventTypeReply> types = [.. EventCatalog.Entries.Select(EventTypeReply.Of)];
        group.MapGet("/event-types", () => TypedResults.Ok(types))
            .WithName("listWebhookEventTypes")
            .WithSummary("Every type of events, with an example and a schema of its payload")
            .WithDescription("What an endpoint can ask for in event_types. The types operations.* are notices to operators; only an endpoint that names them "
                + "gets them. The schemas are JSON Schema, draft 2020-12, of payloads in the style envelope.")
            .Answers(StatusCodes.Status200OK, "All of them.")
            .WithResponseExample(StatusCodes.Status200OK, ExampleOf(types.Single(type => type.Type == WebhookEvents.ChargeSucceeded)));
    }

    /// <summary>An example of an event's payload.</summary>
    /// <param name="type">One of <see cref="WebhookEvents.All"/>.</param>
    public static string ExampleOf(string type) => Encoding.UTF8.GetString(EventBody.Of(
        new WebhookEvent
        {
            Id = Guid.Parse("019a6f60-6666-7c3d-9e4f-0a1b2c3d4e5f"),
            Type = type,
            ResourceId = "",
            Sequence = 1042,
            Data = EventCatalog.Find(type).Example,
            CreatedAt = new DateTimeOffset(2026, 1, 15, 10, 30, 5, TimeSpan.Zero).AddTicks(1_300_210),
        },
        PayloadStyle.Envelope));

    private static string ExampleOf(EventTypeReply reply) =>
        $$"""[{"type":"{{reply.Type}}","description":"{{reply.Description}}","example":{{reply.Example.Text}},"schema":{{reply.Schema.Text}}}]""";
}

/// <summary>A type of events.</summary>
[DisplayName("WebhookEventType")]
internal sealed record EventTypeReply(
    [property: Description("The value of type in a payload, and of event_types of an endpoint.")] string Type,
    [property: Description("When it is sent, and what its data are.")] string Description,
    [property: Description("A payload.")] KeptJson Example,
    [property: Description("The JSON Schema of its payloads, draft 2020-12. No member comes that it does not name.")] KeptJson Schema)
{
    public static EventTypeReply Of(EventCatalogEntry entry) => new(
        entry.Type, entry.Description, new(ListEventTypes.ExampleOf(entry.Type)), new(EventSchemas.Of(entry.Type).ToJsonString(WireJson.Options())));
}
