namespace Portal.Web.Ui;

/// <summary>Times as people say them: <c>12 s ago</c>, <c>in 3 h</c>. wwwroot/portal.js has the same steps.</summary>
internal static class RelativeTime
{
    private static readonly (double Seconds, string Unit)[] Steps = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

    /// <summary>Says <paramref name="at"/> as seen at <paramref name="now"/>, by its largest whole unit.</summary>
    public static string Of(DateTimeOffset at, DateTimeOffset now)
    {
        var seconds = (now - at).TotalSeconds;
        var (step, unit) = Array.Find(Steps, s => Math.Abs(seconds) >= s.Seconds);
        if (unit is null) return "now";
        var count = Math.Floor(Math.Abs(seconds) / step);
        return seconds > 0 ? $"{count:0} {unit} ago" : $"in {count:0} {unit}";
    }

    /// <summary>Says a length: <c>450 ms</c>, <c>12 s</c>, <c>3.5 min</c>.</summary>
    public static string Length(TimeSpan length) => length.TotalSeconds switch
    {
        < 1 => FormattableString.Invariant($"{length.TotalMilliseconds:0} ms"),
        < 120 => FormattableString.Invariant($"{length.TotalSeconds:0.#} s"),
        < 7_200 => FormattableString.Invariant($"{length.TotalMinutes:0.#} min"),
        < 172_800 => FormattableString.Invariant($"{length.TotalHours:0.#} h"),
        _ => FormattableString.Invariant($"{length.TotalDays:0.#} d"),
    };
}
