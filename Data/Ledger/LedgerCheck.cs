using System.Collections.Immutable;
using System.Data;
using System.Globalization;
using Npgsql;

namespace Data.Ledger;

/// <summary>Something that does not add up.</summary>
/// <param name="What">One sentence that names what differs.</param>
/// <param name="AccountId">The account whose figure it is; null where it is none's.</param>
/// <param name="Owner">The account's; as above.</param>
/// <param name="Kind">The account's; as above.</param>
/// <param name="Currency">Of the figures; null without them.</param>
/// <param name="Expected">What the figure should be by the rows that it sums up; null where there is no figure.</param>
/// <param name="Actual">What it is; as above.</param>
public sealed record LedgerDifference(
    string What, long? AccountId = null, string? Owner = null, string? Kind = null, string? Currency = null, decimal? Expected = null, decimal? Actual = null)
{
    /// <summary>The row that the reader stands on: a sentence, and what else the rule knows.</summary>
    internal static LedgerDifference Read(NpgsqlDataReader row) => row.FieldCount == 1 ? new(row.GetString(0)) : new(
        row.GetString(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.TextOrNull(2), row.TextOrNull(3), row.TextOrNull(4),
        row.GetDecimal(5), row.GetDecimal(6));
}

/// <summary>The result of a check.</summary>
/// <param name="Accounts">The number of accounts.</param>
/// <param name="Transfers">The number of transfers.</param>
/// <param name="DifferenceCount">The number of violations of a rule.</param>
/// <param name="Differences">The violations; no more than were to be kept.</param>
public sealed record LedgerReport(long Accounts, long Transfers, int DifferenceCount, ImmutableArray<LedgerDifference> Differences)
{
    /// <summary>The report in one line.</summary>
    public string Summary => string.Create(
        CultureInfo.InvariantCulture, $"Ledger: {Accounts:#,0} accounts, {Transfers:#,0} transfers, {DifferenceCount:#,0} differences");
}

/// <summary>What a check may take.</summary>
/// <param name="MaxKept">The most differences that are kept; the others are counted.</param>
/// <param name="Time">For all statements together; null for as long as it takes. Then PostgreSQL cancels the statement (57014).</param>
public sealed record LedgerCheckLimits(int MaxKept = int.MaxValue, TimeSpan? Time = null);

/// <summary>Checks all rules against one snapshot of the database. It takes no locks, so it may run while money moves.</summary>
/// <param name="rules">What has to hold: <see cref="LedgerRule.All"/>.</param>
public sealed class LedgerCheck(IReadOnlyList<LedgerRule> rules)
{
    /// <summary>
    /// The sums per account and per transfer stay in memory; with PostgreSQL's default of 4 MB they would go to disk from about 50,000 rows.
    /// Compiling the statements (jit) took longer than running them. Tables are read whole, so not by their indexes.
    /// </summary>
    private const string Begin =
        "SET TRANSACTION READ ONLY; SET LOCAL work_mem = '128MB'; SET LOCAL jit = off; SET LOCAL enable_seqscan = on; SET LOCAL statement_timeout = 0";

    /// <summary>What is left of the time; 1 ms at least, because 0 is for ever.</summary>
    private const string LimitNext =
        "SELECT set_config('statement_timeout', greatest(1, $1 - extract(epoch FROM clock_timestamp() - transaction_timestamp()) * 1000)::bigint::text, true)";

    private const string Count = "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM transfers)";

    private const string CountOfOwner =
        """
        SELECT count(*), (SELECT count(DISTINCT transfer_id) FROM entries WHERE account_id = ANY (ARRAY(SELECT id FROM accounts WHERE owner = $1)))
        FROM accounts WHERE owner = $1
        """;

    /// <summary>Checks the whole ledger.</summary>
    public Task<LedgerReport> RunAsync(NpgsqlConnection connection, LedgerCheckLimits limits, CancellationToken cancellationToken) =>
        RunAsync(connection, rules.Select(rule => rule.Sql), Count, owner: null, limits, cancellationToken);

    /// <summary>Checks the accounts of one owner by their own entries and holds alone.</summary>
    public static Task<LedgerReport> RunForOwnerAsync(
        NpgsqlConnection connection, string owner, LedgerCheckLimits limits, CancellationToken cancellationToken) =>
        RunAsync(connection, [LedgerRules.OfOwner], CountOfOwner, owner, limits, cancellationToken);

    private static async Task<LedgerReport> RunAsync(
        NpgsqlConnection connection, IEnumerable<string> statements, string countStatement, string? owner, LedgerCheckLimits limits,
        CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using (var begin = new NpgsqlCommand(Begin, connection)) await begin.ExecuteNonQueryAsync(cancellationToken);
        var (found, differences) = (0, ImmutableArray.CreateBuilder<LedgerDifference>());
        foreach (var sql in statements)
        {
            await using var command = await StatementAsync(connection, sql, owner, limits, cancellationToken);
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            for (; await row.ReadAsync(cancellationToken); found++)
            {
                if (differences.Count < limits.MaxKept) differences.Add(LedgerDifference.Read(row));
            }
        }

        await using var count = await StatementAsync(connection, countStatement, owner, limits, cancellationToken);
        await using var counts = await count.ExecuteReaderAsync(cancellationToken);
        await counts.ReadAsync(cancellationToken);
        return new(counts.GetInt64(0), counts.GetInt64(1), found, differences.ToImmutable());
    }

    private static async Task<NpgsqlCommand> StatementAsync(
        NpgsqlConnection connection, string sql, string? owner, LedgerCheckLimits limits, CancellationToken cancellationToken)
    {
        if (limits.Time is { } time)
        {
            await using var limit = new NpgsqlCommand(LimitNext, connection);
            limit.Parameters.Add(new NpgsqlParameter<double> { TypedValue = time.TotalMilliseconds });
            await limit.ExecuteNonQueryAsync(cancellationToken);
        }

        var command = new NpgsqlCommand(sql, connection);
        if (limits.Time is null) command.CommandTimeout = 0;
        if (owner is not null) command.Parameters.Add(Parameter.Text(owner));
        return command;
    }
}
