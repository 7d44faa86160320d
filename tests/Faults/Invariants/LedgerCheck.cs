using System.Diagnostics;
using Aspire.Hosting.Testing;
using Faults.Printing;
using Faults.Running;

namespace Faults.Invariants;

/// <summary>The product's own check of its ledger, <c>Processor.Worker --check-ledger</c>.</summary>
internal static class LedgerCheck
{
    /// <summary>Runs it and prints what it says; null: it found no difference.</summary>
    public static async Task<string?> RunAsync(RunningSystem system, Journal journal, CancellationToken stop)
    {
        var start = new ProcessStartInfo(system.Processes.Command(RunningSystem.Worker), ["--check-ledger"]) { RedirectStandardOutput = true };
        start.Environment["ConnectionStrings__webhooks"] = await system.App.GetConnectionStringAsync("webhooks", stop);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        journal.Say(output.Trim());
        return process.ExitCode == 0 ? null : $"--check-ledger ended with {process.ExitCode}: {output}";
    }
}
