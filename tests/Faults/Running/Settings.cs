using System.Globalization;

namespace Faults.Running;

/// <summary>What one run of the matrix is, from the environment.</summary>
/// <param name="Seed">FAULTS_SEED; the same seed gives the same faults, moments and webhooks.</param>
/// <param name="IsShort">FAULTS=short, or long: the whole short matrix and the tests that take a minute each; else a draw, for who runs all tests.</param>
/// <param name="IsLong">FAULTS=long.</param>
/// <param name="Skip">FAULTS_SKIP: how many steps of that plan to leave out at its begin.</param>
/// <param name="Count">FAULTS_COUNT: at most so many steps.</param>
/// <param name="Time">FAULTS_SECONDS: no step begins after that time.</param>
/// <param name="Workers">FAULTS_WORKERS: 1 or 2.</param>
/// <param name="Brokers">FAULTS_BROKERS: 3 for a cluster, from KAFKA_HOME.</param>
/// <param name="Rate">Webhooks a second: 200, and half of that in the short matrix, which are still thousands, for a third less processor time.</param>
/// <param name="Only">FAULTS_ONLY: only faults whose line in the table contains this, such as <c>kill -9 processor-worker</c>.</param>
/// <param name="Clock">The clock.</param>
internal sealed record Settings(
    int Seed, bool IsShort, bool IsLong, int Skip, int Count, TimeSpan Time, int Workers, int Brokers, int Rate, string? Only, TimeProvider Clock)
{
    /// <summary>How long a transaction waits.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(2);

    /// <summary>
    /// By when each transaction has its outcome, and everything is well, once the last fault is over. The relay's 30 s of grace and a session time-out are less
    /// than a minute of it (the table prints what it took); a machine that is busy with other tests once took more than 92 s.
    /// </summary>
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    public static Settings Read()
    {
        var clock = TimeProvider.System;
        var faults = Environment.GetEnvironmentVariable("FAULTS");
        var isLong = faults == "long";
        var seed = Number("FAULTS_SEED") ?? (int)(clock.GetUtcNow().ToUnixTimeMilliseconds() % 1_000_000);
        return new Settings(
            seed, faults is "short" or "long", isLong, Number("FAULTS_SKIP") ?? 0, Number("FAULTS_COUNT") ?? 200,
            TimeSpan.FromSeconds(Number("FAULTS_SECONDS") ?? 86_400), Number("FAULTS_WORKERS") ?? 1, Number("FAULTS_BROKERS") ?? 1,
            isLong ? 200 : 100, Environment.GetEnvironmentVariable("FAULTS_ONLY"), clock);
    }

    /// <summary>Skips a test of a minute unless it is asked for: with all of them `dotnet test` took ten minutes on two cores.</summary>
    public void SkipUnlessShort() => Assert.SkipUnless(IsShort, "FAULTS=short runs it, as CI does: a minute.");

    private static int? Number(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var n) ? n : null;
}
