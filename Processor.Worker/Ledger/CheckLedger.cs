using System.Data;
using System.Globalization;
using Npgsql;

namespace Processor.Worker.Ledger;

/// <summary>What a check has found.</summary>
/// <param name="Accounts">How many there are.</param>
/// <param name="Transfers">How many there are.</param>
/// <param name="Differences">A sentence each; none when all adds up.</param>
internal sealed record LedgerReport(long Accounts, long Transfers, IReadOnlyList<string> Differences)
{
    public string Summary => string.Create(
        CultureInfo.InvariantCulture, $"Ledger: {Accounts:#,0} accounts, {Transfers:#,0} transfers, {Differences.Count:#,0} differences");
}

/// <summary>
/// Recomputes everything that the ledger says from what it has written down, and compares it with the payments. It reads one snapshot, so it may
/// run while money moves, and locks nothing.
/// </summary>
internal static class CheckLedger
{
    /// <summary>
    /// Sums by account and by transfer are kept in memory; with PostgreSQL's 4 MB they would go to disk from some 50,000 of them on. Compiling the statements
    /// (jit) took longer than running them.
    /// </summary>
    private const string Begin = "SET TRANSACTION READ ONLY; SET LOCAL work_mem = '128MB'; SET LOCAL jit = off";

    public static async Task<LedgerReport> RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using (var begin = new NpgsqlCommand(Begin, connection)) await begin.ExecuteNonQueryAsync(cancellationToken);
        var (accounts, transfers) = (0L, 0L);
        var differences = new List<string>();
        foreach (var sql in LedgerDifferences.All)
        {
            await using var command = Statement(connection, sql);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) differences.Add(reader.GetString(0));
        }

        await using (var command = Statement(connection, "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM transfers)"))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            (accounts, transfers) = (reader.GetInt64(0), reader.GetInt64(1));
        }

        return new LedgerReport(accounts, transfers, differences);
    }

    private static NpgsqlCommand Statement(NpgsqlConnection connection, string sql) => new(sql, connection) { CommandTimeout = 0 };
}
