using Faults.Running;

namespace Faults.Kinds;

/// <summary>
/// PostgreSQL answers and takes no writes: a primary that was demoted, or set to read only. Reads go on, every write fails with 25006; when it takes writes
/// again, the connections are the same ones.
/// </summary>
internal sealed class ReadOnlyPrimary() : Fault("read only", RunningSystem.Postgres)
{
    public override bool MakesUnready(string service) => service is RunningSystem.Ingest or RunningSystem.Worker;

    public override Task BeginAsync(RunningSystem system, CancellationToken stop) =>
        SetAsync(system, "ALTER SYSTEM SET default_transaction_read_only = on", stop);

    public override Task EndAsync(RunningSystem system, CancellationToken stop) => SetAsync(system, "ALTER SYSTEM RESET default_transaction_read_only", stop);

    private static async Task SetAsync(RunningSystem system, string setting, CancellationToken stop)
    {
        foreach (var sql in (string[])[setting, "SELECT pg_reload_conf()"])
        {
            await using var command = system.Database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(stop);
        }
    }
}
