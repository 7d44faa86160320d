using Portal.Web.Sessions;
using Portal.Web.Ui;

namespace Portal.Web.Webhooks;

/// <summary>Where the pages of webhooks are in an area.</summary>
internal static class Places
{
    public static string Endpoints(Area area) => area == Area.Operator ? "/admin/endpoints" : "/consumer";

    public static string Endpoint(Area area, string id) => $"{Root(area)}/endpoints/{Query.Segment(id)}";

    public static string Deliveries(Area area) => $"{Root(area)}/deliveries";

    public static string Delivery(Area area, string id) => $"{Root(area)}/deliveries/{Query.Segment(id)}";

    public static string EventTypes(Area area) => $"{Root(area)}/event-types";

    /// <summary>Where a session begins again. A consumer's cannot: the page says who makes a new link.</summary>
    public static string LogIn(Area area) => area == Area.Operator ? "/admin/login" : "/consumer/link?expired=true";

    private static string Root(Area area) => area == Area.Operator ? "/admin" : "/consumer";
}
