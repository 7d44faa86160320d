using Contracts;
using Portal.Web.Api;
using Portal.Web.Sessions;

namespace Portal.Web.Webhooks;

/// <summary>The types that forms offer.</summary>
internal static class EventTypeCatalog
{
    public const string Path = "/webhooks/event-types";

    /// <summary>The types with their descriptions; when the API does not answer, those that this program knows, without.</summary>
    public static async Task<IReadOnlyList<EventType>> ReadAsync(PortalApi api, Area area) =>
        For(area, (await api.GetAsync(area, Path, WebhookJson.Default.ListEventType)).Value
            ?? WebhookEvents.All.Select(type => new EventType(type, "", default, default)));

    /// <summary>The types of an area: notices to operators are theirs alone.</summary>
    public static IReadOnlyList<EventType> For(Area area, IEnumerable<EventType> types) => [.. types.Where(type => IsFor(area, type.Type))];

    /// <summary>Names of the types of an area.</summary>
    public static IReadOnlyList<string> NamesFor(Area area) => [.. WebhookEvents.All.Where(type => IsFor(area, type))];

    private static bool IsFor(Area area, string type) => area == Area.Operator || !type.StartsWith(WebhookEvents.OperationsPrefix, StringComparison.Ordinal);
}
