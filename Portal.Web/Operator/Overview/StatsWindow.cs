namespace Portal.Web.Operator.Overview;

/// <summary>A period of the overview, as <c>GET /admin/stats</c> knows it.</summary>
/// <param name="Name">As in the URL.</param>
/// <param name="Text">As people read it.</param>
/// <param name="TimeFormat">How a bucket's begin is written.</param>
internal sealed record StatsWindow(string Name, string Text, string TimeFormat)
{
    /// <summary>All of them, the default first.</summary>
    public static IReadOnlyList<StatsWindow> All { get; } =
        [new("1h", "1 h", "HH:mm"), new("24h", "24 h", "HH:mm"), new("7d", "7 d", "MM-dd HH:mm"), new("30d", "30 d", "MM-dd")];

    /// <summary>The window of that name; the default for any other text.</summary>
    public static StatsWindow Of(string? name) => All.FirstOrDefault(window => window.Name == name) ?? All[0];
}
