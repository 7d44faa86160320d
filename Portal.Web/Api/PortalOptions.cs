namespace Portal.Web.Api;

/// <summary>The portal's pages. Section <c>Portal</c>.</summary>
public sealed class PortalOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Portal";

    /// <summary>
    /// What Ingest.Api and Query.Api have as <c>RateLimits__PortalKey</c>: reads of the pages then use up nothing of a
    /// visitor's own limits. Without it they do.
    /// </summary>
    public string? Key { get; set; }

    /// <summary>How often a live topic is read, for all pages that show it together. A topic that nobody shows is not read.</summary>
    public TimeSpan LiveInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The Aspire dashboard, or what takes its place, linked from the operator's pages; null for none.</summary>
    public string? DashboardUrl { get; set; }

    /// <summary>
    /// A trace's page, with <c>{trace_id}</c> where its id goes, such as <c>http://localhost:15000/traces/detail/{trace_id}</c>; null where there is none.
    /// </summary>
    public string? TraceUrl { get; set; }

    /// <summary>How long an operator's session lasts without a request.</summary>
    public TimeSpan OperatorSession { get; set; } = TimeSpan.FromHours(8);
}
