using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Benchmarks.Running;

namespace Benchmarks.Load;

/// <summary>What wrk saw (<see href="https://github.com/wg/wrk"/>): a closed loop, each connection sends when it was answered.</summary>
/// <param name="Requests">Answers.</param>
/// <param name="Seconds">How long it ran.</param>
/// <param name="Refused">Answers of 400 and above.</param>
/// <param name="Broken">Connections that failed, and answers that did not come.</param>
/// <param name="P50Ms">Half of all answers came within so many milliseconds.</param>
/// <param name="P99Ms">99 of 100 did.</param>
/// <param name="MaxMs">All did.</param>
internal sealed record WrkReport(long Requests, double Seconds, long Refused, long Broken, double P50Ms, double P99Ms, double MaxMs)
{
    /// <summary>Answers a second.</summary>
    public double Rate => Requests / Seconds;

    /// <summary>Throws unless everything was answered as asked.</summary>
    public WrkReport AllGood(string what) => Refused + Broken == 0
        ? this
        : throw new BenchmarkException($"{what}: of {Requests} answers {Refused} were errors, and {Broken} did not come.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WrkReport))]
internal sealed partial class WrkJson : JsonSerializerContext;

/// <summary>Loads a service with wrk, on this machine, beside it.</summary>
internal static class Wrk
{
    /// <summary>Unique webhooks at <paramref name="url"/>.</summary>
    /// <param name="url">The endpoint, or the limit's.</param>
    /// <param name="run">Which run: no two may have the same ids.</param>
    /// <param name="connections">At a time.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="rate">Requests a second; null: as many as are answered.</param>
    public static Task<WrkReport> PostAsync(Uri url, int run, int connections, TimeSpan duration, int? rate = null) =>
        RunAsync("accept.lua", url, connections, duration, [url.AbsolutePath, $"{run:x4}", .. rate is null ? (string[])[] : [$"{rate}"]]);

    /// <summary>Five seconds of unique webhooks at <paramref name="rate"/>, run number 1; when they have their outcomes the table is emptied.</summary>
    public static async Task WarmUpAsync(RunningSystem system, Uri url, int rate)
    {
        await PostAsync(url, 1, 64, TimeSpan.FromSeconds(5), rate);
        await system.SettleAsync();
        await system.ExecuteAsync("TRUNCATE transactions");
    }

    /// <summary>Deposits of one user, each with a key of its own.</summary>
    /// <param name="url">The endpoint, or the limit's.</param>
    /// <param name="run">Which run: no two may have the same keys.</param>
    /// <param name="apiKey">The user's.</param>
    /// <param name="connections">At a time.</param>
    /// <param name="duration">For how long.</param>
    public static Task<WrkReport> DepositAsync(Uri url, int run, string apiKey, int connections, TimeSpan duration) =>
        RunAsync("deposit.lua", url, connections, duration, [url.AbsolutePath, $"{run:x4}", apiKey]);

    /// <summary>Charges of 1,000 customers in turn, each with a key of its own.</summary>
    /// <param name="url">The endpoint, or the limit's.</param>
    /// <param name="run">Which run: no two may have the same keys.</param>
    /// <param name="customers">The prefix of the customers' ids.</param>
    /// <param name="card">Stripe's payment method; null for none.</param>
    /// <param name="connections">At a time.</param>
    /// <param name="duration">For how long.</param>
    public static Task<WrkReport> ChargeAsync(Uri url, int run, string customers, string? card, int connections, TimeSpan duration) =>
        RunAsync("charge.lua", url, connections, duration, [url.AbsolutePath, $"{run:x4}", customers, .. card is null ? (string[])[] : [card]]);

    /// <summary>The lines of a file, each once.</summary>
    public static Task<WrkReport> CallBackAsync(Uri url, string file, int connections, TimeSpan duration) =>
        RunAsync("callback.lua", url, connections, duration, [url.AbsolutePath, file]);

    /// <summary>Random transactions of the first <paramref name="rows"/>, one a request, or what else the path asks for (Load/read.lua).</summary>
    public static Task<WrkReport> GetAsync(Uri url, int rows, int connections, TimeSpan duration) =>
        RunAsync("read.lua", url, connections, duration, [url.PathAndQuery, $"{rows}"]);

    /// <summary>Installs wrk from Debian's packages where it is missing, as LocalHosting does with the servers.</summary>
    public static async Task InstallAsync()
    {
        if (File.Exists("/usr/bin/wrk")) return;
        Console.WriteLine("wrk is not installed: apt-get install wrk");
        await OutputAsync("apt-get", "update", "-q");
        await OutputAsync("apt-get", "install", "-q", "-y", "wrk");
    }

    // One thread of wrk was answered 58,000 times a second; a second one only takes processor time from the service.
    private static async Task<WrkReport> RunAsync(string script, Uri url, int connections, TimeSpan duration, string[] arguments)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Load");
        var whole = Path.Combine(Path.GetTempPath(), $"benchmark-{Environment.ProcessId}.lua");
        var lua = await File.ReadAllTextAsync(Path.Combine(folder, script)) + await File.ReadAllTextAsync(Path.Combine(folder, "report.lua"));
        await File.WriteAllTextAsync(whole, lua);
        var output = await OutputAsync(
            "wrk", ["-t1", $"-c{connections}", $"-d{duration.TotalSeconds:0}s", "--timeout", "20s", "-s", whole, $"{url}", "--", .. arguments]);
        File.Delete(whole);
        var report = output.Split('\n').Last(line => line.StartsWith('{'));
        return JsonSerializer.Deserialize(report, WrkJson.Default.WrkReport)!;
    }

    private static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new BenchmarkException($"{program} {string.Join(' ', arguments)} ended with code {process.ExitCode}: {output}{await errors}");
    }
}
