using System.Data.Common;
using System.Text.Json;
using Npgsql;
using Support;

namespace Query.Api.Tests;

/// <summary>What a statement reads, on a table that is as autovacuum leaves it.</summary>
internal static class Plans
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Runs the statement. Its plan as JSON, and the blocks that it read.</summary>
    public static async Task<(string Plan, int Blocks)> RunAsync(NpgsqlDataSource database, string sql, DbParameterCollection parameters)
    {
        await using var command = database.CreateCommand($"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}");
        foreach (NpgsqlParameter parameter in parameters) command.Parameters.Add(parameter.Clone());
        var json = (string)(await command.ExecuteScalarAsync(Cancelled))!;
        var top = JsonElement.Parse(json)[0].GetProperty("Plan");
        return (json, top.GetProperty("Shared Hit Blocks").GetInt32() + top.GetProperty("Shared Read Blocks").GetInt32());
    }

    /// <summary>Runs the statement, and sees that it reads no table from its begin to its end and no more blocks than those.</summary>
    public static async Task AssertReadsAsync(NpgsqlDataSource database, DbCommand statement, int blocks)
    {
        var (plan, read) = await RunAsync(database, statement.CommandText, statement.Parameters);
        Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
        Assert.InRange(read, 1, blocks);
    }

    /// <summary>Fills a new database, and vacuums these tables.</summary>
    public static async Task<NpgsqlDataSource> FillAsync(this Databases databases, string name, string[] statements, params string[] tables)
    {
        var database = NpgsqlDataSource.Create(await databases.CreateAsync(name));
        foreach (var sql in statements) await ExecuteAsync(database, sql, CancellationToken.None);

        // Again, while somebody still sees a table as it was: an autovacuum of another table that began before the rows were committed.
        foreach (var table in tables)
        {
            await Eventually.TrueAsync(
                async cancellationToken =>
                {
                    await ExecuteAsync(database, $"VACUUM (ANALYZE) {table}", cancellationToken);
                    await using var isAllVisible = database.CreateCommand($"SELECT relallvisible = relpages FROM pg_class WHERE oid = '{table}'::regclass");
                    return (bool)(await isAllVisible.ExecuteScalarAsync(cancellationToken))!;
                },
                Cancelled,
                TimeSpan.FromMinutes(3));
        }

        return database;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
