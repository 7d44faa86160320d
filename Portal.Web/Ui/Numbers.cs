namespace Portal.Web.Ui;

/// <summary>Numbers as figures show them, in one way whatever the server's language is.</summary>
internal static class Numbers
{
    private static readonly System.Globalization.CultureInfo Invariant = System.Globalization.CultureInfo.InvariantCulture;

    /// <summary>A count: <c>10,800</c>.</summary>
    public static string Count(long count) => count.ToString("N0", Invariant);

    /// <summary>So many a second: three digits after the point for small ones, one for large ones.</summary>
    public static string Rate(double perSecond) => perSecond.ToString(perSecond < 10 ? "0.###" : "#,0.#", Invariant);

    /// <summary>A share, 0 to 1, in percent; a dash where there is none.</summary>
    public static string Share(double? share) => share is { } of ? (of * 100).ToString("0.##", Invariant) + " %" : "–";

    /// <summary>How long, of seconds; a dash for none.</summary>
    public static string Length(double seconds) => seconds <= 0 ? "–" : RelativeTime.Length(TimeSpan.FromSeconds(seconds));
}
