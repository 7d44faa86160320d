using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Seed;

public sealed class SeedTests(Servers servers) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("seed");

    private string CredentialsFile => Path.Combine(_folder.FullName, "new folder", "credentials.txt");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task It_adds_the_users_of_the_documentation_with_their_balances_and_a_history()
    {
        var database = await servers.CreateDatabaseAsync();
        var (exitCode, output) = await SeedAsync(database);
        Assert.True(exitCode == 0, output);

        Assert.Equal(
            ["admin@example.com admin USD 0.00 0.00", "alice@example.com user USD 1000.00 0.00",
             "bob@example.com user USD 500.00 0.00", "charlie@example.com user USD 0.00 0.00"],
            await RowsAsync(database,
                """
                SELECT concat_ws(' ', u.email, CASE WHEN u.is_admin THEN 'admin' ELSE 'user' END, a.currency, a.balance::numeric(19,2), a.held::numeric(19,2))
                FROM users u JOIN accounts a ON a.owner = 'user:' || u.id ORDER BY u.email
                """));
        Assert.Equal(
            ["alice@example.com deposit failed 1", "alice@example.com deposit success 1", "alice@example.com withdrawal success 2",
             "bob@example.com deposit success 1", "bob@example.com withdrawal success 1", "charlie@example.com deposit failed 1"],
            await RowsAsync(
                database,
                "SELECT concat_ws(' ', email, type, status, count(*)) "
                + "FROM payments p JOIN users u ON u.id = p.user_id GROUP BY email, type, status ORDER BY 1"));
        Assert.Empty(await RowsAsync(
            database,
            "SELECT concat_ws(' ', id, bank_reference) FROM payments "
            + "WHERE bank_reference !~ (CASE type WHEN 'deposit' THEN '^DEP' ELSE '^WTH' END || '-[0-9A-F]{12}$')"));
    }

    [Fact]
    public async Task It_adds_customers_with_charges_an_order_half_paid_and_one_overdue()
    {
        var database = await servers.CreateDatabaseAsync();
        await SeedAsync(database);
        await SeedAsync(database);

        Assert.Equal(["ada USD 60", "ben USD 40", "chika JPY 2000"], await RowsAsync(database,
            "SELECT concat_ws(' ', w.customer_id, w.currency, trim_scale(a.balance)) FROM wallets w JOIN accounts a ON a.owner = 'wallet:' || w.customer_id "
            + "ORDER BY 1"));
        Assert.Equal(
            ["ada active paid,paid,pending,pending", "ben active overdue,pending,pending"],
            await RowsAsync(database,
                """
                SELECT concat_ws(' ', o.customer_id, o.status, string_agg(i.status, ',' ORDER BY i.number))
                FROM installment_orders o JOIN installments i ON i.order_id = o.id GROUP BY o.id ORDER BY 1
                """));
        Assert.Equal(["0"], await RowsAsync(database, "SELECT count(*)::text FROM charges WHERE status = 'pending'"));
        var (exitCode, output) = await servers.RunOnceAsync("--check-ledger", database);
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task Every_balance_is_the_sum_of_transfers_and_every_payment_that_succeeded_has_one()
    {
        var database = await servers.CreateDatabaseAsync();
        await SeedAsync(database);

        Assert.Empty(await RowsAsync(
            database,
            "SELECT owner FROM accounts a "
            + "WHERE balance <> (SELECT coalesce(sum(amount), 0) FROM entries e WHERE e.account_id = a.id) OR held <> 0"));
        Assert.Equal(["0.0000"], await RowsAsync(database, "SELECT sum(balance)::text FROM accounts"));
        Assert.Empty(await RowsAsync(database,
            """
            SELECT concat_ws(' ', p.id, p.status, t.kind, e.amount) FROM payments p
            LEFT JOIN transfers t ON t.reference = 'payment:' || p.id
            LEFT JOIN accounts a ON a.owner = 'user:' || p.user_id
            LEFT JOIN entries e ON e.transfer_id = t.id AND e.account_id = a.id
            WHERE (p.status = 'success') IS DISTINCT FROM (t.kind = p.type AND e.amount = CASE p.type WHEN 'deposit' THEN p.amount ELSE -p.amount END)
              AND NOT (p.status = 'failed' AND t.id IS NULL)
            """));
    }

    [Fact]
    public async Task The_keys_are_printed_once_and_stand_in_a_file_that_only_its_owner_reads()
    {
        var database = await servers.CreateDatabaseAsync();
        var (_, output) = await SeedAsync(database);

        var lines = File.ReadAllLines(CredentialsFile).Where(line => !line.StartsWith('#'));
        var keys = lines.Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => parts[1]);
        Assert.Equal(["admin@example.com", "alice@example.com", "bob@example.com", "charlie@example.com"], keys.Keys.Order(StringComparer.Ordinal));
        Assert.All(keys, user => Assert.Single(output.Split('\n'), line => line == $"{user.Key} {user.Value}"));
        Assert.Contains(CredentialsFile, output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(CredentialsFile));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(Path.GetDirectoryName(CredentialsFile)!));
        }

        Assert.Equal(
            keys.Select(user => $"{user.Key} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user.Value)))}").Order(StringComparer.Ordinal),
            await RowsAsync(database, "SELECT concat_ws(' ', email, encode(api_key_hash, 'hex')) FROM users ORDER BY email"));
    }

    [Fact]
    public async Task Again_or_twice_at_once_it_adds_nothing_and_says_so()
    {
        var database = await servers.CreateDatabaseAsync();
        var both = await Task.WhenAll(SeedAsync(database), SeedAsync(database));
        Assert.All(both, run => Assert.True(run.ExitCode == 0, run.Output));
        Assert.Single(both, run => run.Output.Contains("Added 4 users", StringComparison.Ordinal));
        var rows = await RowsAsync(database, "SELECT concat_ws(' ', email, api_key_hash) FROM users ORDER BY email");
        var file = await File.ReadAllTextAsync(CredentialsFile, Cancelled);

        var (exitCode, output) = await SeedAsync(database);
        Assert.True(exitCode == 0, output);
        Assert.Contains("nothing new", output, StringComparison.Ordinal);
        Assert.DoesNotContain("ak_", output, StringComparison.Ordinal);
        Assert.Equal(rows, await RowsAsync(database, "SELECT concat_ws(' ', email, api_key_hash) FROM users ORDER BY email"));
        Assert.Equal(file, await File.ReadAllTextAsync(CredentialsFile, Cancelled));
    }

    [Fact]
    public async Task The_keys_of_another_database_are_kept_beside_the_new_ones()
    {
        await SeedAsync(await servers.CreateDatabaseAsync());
        var first = File.ReadAllText(CredentialsFile);
        await SeedAsync(await servers.CreateDatabaseAsync());

        Assert.Equal(first, File.ReadAllText($"{CredentialsFile}.before"));
        Assert.NotEqual(first, File.ReadAllText(CredentialsFile));
    }

    [Fact]
    public async Task In_Production_it_refuses_and_adds_nobody()
    {
        var database = await servers.CreateDatabaseAsync();
        var named = await servers.RunOnceAsync("--seed", database, ("environment", "Production"), ("Seed:CredentialsFile", CredentialsFile));

        // Without any name it is Production: as a process, since the environment is this one's.
        var unnamed = await servers.RunProcessAsync(
            "--seed", database, ("Seed:CredentialsFile", CredentialsFile), ("ASPNETCORE_ENVIRONMENT", ""), ("DOTNET_ENVIRONMENT", ""));
        foreach (var (exitCode, output) in ((int, string)[])[named, unnamed])
        {
            Assert.Equal(1, exitCode);
            Assert.Contains("POST /api/v1/users", output, StringComparison.Ordinal);
        }

        Assert.Empty(await RowsAsync(database, "SELECT email FROM users"));
        Assert.False(File.Exists(CredentialsFile));
    }

    [Fact]
    public async Task When_the_file_cannot_be_written_nobody_is_added_whose_key_would_be_lost()
    {
        var database = await servers.CreateDatabaseAsync();
        var (exitCode, output) = await SeedAsync(database, ("Seed:CredentialsFile", "/proc/no-such-folder/credentials.txt"));
        Assert.True(exitCode == 1, output);
        Assert.Empty(await RowsAsync(database, "SELECT email FROM users"));
    }

    private Task<(int ExitCode, string Output)> SeedAsync(string database, params (string, string)[] settings) =>
        servers.RunOnceAsync("--seed", database, [("environment", "Development"), ("Seed:CredentialsFile", CredentialsFile), .. settings]);

    private static async Task<IReadOnlyList<string>> RowsAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        var rows = new List<string>();
        while (await reader.ReadAsync(Cancelled)) rows.Add(reader.GetString(0));
        return rows;
    }
}
