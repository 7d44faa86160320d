using System.Collections.Immutable;
using System.Data;
using System.Globalization;
using Npgsql;

namespace Processor.Worker.Ledger;

/// <summary>A rule of the ledger check. Each capability registers its own with <see cref="LedgerFeature.AddLedgerRules"/>.</summary>
/// <param name="Sql">A statement that returns one row per violation, with one column: a sentence that names what differs.</param>
internal sealed record LedgerRule(string Sql);

/// <summary>The result of a check.</summary>
/// <param name="Accounts">The number of accounts.</param>
/// <param name="Transfers">The number of transfers.</param>
/// <param name="Differences">One sentence per violation of a rule.</param>
internal sealed record LedgerReport(long Accounts, long Transfers, ImmutableArray<string> Differences)
{
    public string Summary => string.Create(
        CultureInfo.InvariantCulture, $"Ledger: {Accounts:#,0} accounts, {Transfers:#,0} transfers, {Differences.Length:#,0} differences");
}

/// <summary>Checks all rules against one snapshot of the database. It takes no locks, so it may run while money moves.</summary>
internal sealed class LedgerCheck(IEnumerable<LedgerRule> rules)
{
    /// <summary>
    /// The sums per account and per transfer stay in memory; with PostgreSQL's default of 4 MB they would go to disk from about 50,000 rows.
    /// Compiling the statements (jit) took longer than running them.
    /// </summary>
    private const string Begin = "SET TRANSACTION READ ONLY; SET LOCAL work_mem = '128MB'; SET LOCAL jit = off; SET LOCAL statement_timeout = 0";

    private const string Count = "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM transfers)";

    public async Task<LedgerReport> RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using (var begin = new NpgsqlCommand(Begin, connection)) await begin.ExecuteNonQueryAsync(cancellationToken);
        var differences = ImmutableArray.CreateBuilder<string>();
        foreach (var rule in rules)
        {
            await using var command = Statement(connection, rule.Sql);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) differences.Add(reader.GetString(0));
        }

        await using var count = Statement(connection, Count);
        await using var counts = await count.ExecuteReaderAsync(cancellationToken);
        await counts.ReadAsync(cancellationToken);
        return new(counts.GetInt64(0), counts.GetInt64(1), differences.ToImmutable());
    }

    private static NpgsqlCommand Statement(NpgsqlConnection connection, string sql) => new(sql, connection) { CommandTimeout = 0 };
}
