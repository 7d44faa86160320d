using System.Diagnostics;

namespace Deployment;

/// <summary>A cluster by its command line, as an operator has it.</summary>
/// <param name="kubectl">The command and its first arguments.</param>
/// <param name="space">The namespace.</param>
/// <param name="chart">The chart's folder.</param>
/// <param name="helm">The program.</param>
internal sealed class Cluster(string[] kubectl, string space, string chart, string helm)
{
    private const string Release = "prove";

    public Task<string> KubectlAsync(CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync([.. kubectl, "--namespace", space, .. arguments], cancellationToken);

    public Task UpgradeAsync(string tag, CancellationToken cancellationToken) => RunAsync(
        [helm, "upgrade", Release, chart, "--namespace", space, "--reuse-values", "--set-string", $"image.tag={tag}", "--timeout", "10m"], cancellationToken);

    /// <summary>Waits until every replica of it is the new one and ready.</summary>
    public Task SettledAsync(string kind, string name, CancellationToken cancellationToken) =>
        KubectlAsync(cancellationToken, "rollout", "status", $"{kind}/{name}", "--timeout=5m");

    public async Task<string[]> PodsOfAsync(string name, CancellationToken cancellationToken) =>
        (await KubectlAsync(cancellationToken, "get", "pods", "-l", $"app.kubernetes.io/name={name}", "-o", "jsonpath={.items[*].metadata.name}"))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public Task<string> SqlAsync(string sql, CancellationToken cancellationToken) =>
        KubectlAsync(
            cancellationToken, "exec", "postgres-0", "--", "sh", "-c",
            $"PGPASSWORD=$POSTGRES_PASSWORD psql -h localhost -U postgres -d webhooks -Atc \"{sql}\"");

    private static async Task<string> RunAsync(string[] command, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? said[0].Trim()
            : throw new InvalidOperationException($"{string.Join(' ', command)}: exit code {process.ExitCode}\n{said[0]}{said[1]}");
    }
}
