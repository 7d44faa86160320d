namespace Query.Api.Stats;

/// <summary>A period that ends now, and the buckets of its series.</summary>
/// <param name="Name">As in <c>?window=</c>.</param>
/// <param name="Length">Its length.</param>
/// <param name="Bucket">The length of a bucket. Between 24 and 60 of them are enough points for a chart.</param>
internal sealed record StatsWindow(string Name, TimeSpan Length, TimeSpan Bucket)
{
    public static IReadOnlyList<StatsWindow> All { get; } =
    [
        new("1h", TimeSpan.FromHours(1), TimeSpan.FromMinutes(1)),
        new("24h", TimeSpan.FromHours(24), TimeSpan.FromMinutes(30)),
        new("7d", TimeSpan.FromDays(7), TimeSpan.FromHours(4)),
        new("30d", TimeSpan.FromDays(30), TimeSpan.FromHours(24)),
    ];

    /// <summary>What <c>?window=</c> may be.</summary>
    public static string[] Names { get; } = [.. All.Select(window => window.Name)];

    /// <summary>The first bucket's begin: buckets are aligned to UTC, so that a chart's points do not move with each request.</summary>
    public DateTime StartAt(DateTimeOffset now)
    {
        var end = now.UtcDateTime;
        var first = end - Length;
        return new(first.Ticks - first.Ticks % Bucket.Ticks, DateTimeKind.Utc);
    }
}
