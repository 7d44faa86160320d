using Npgsql;
using Query.Api.Lists;
using Query.Api.Wallets;

namespace Query.Api.Tests.Wallets;

/// <summary>
/// On 25,000 entries of one wallet, with PostgreSQL's own settings: a page costs the same wherever it begins, and a balance whatever time it is of. What is
/// read grows with the number's bits alone.
/// </summary>
public sealed class WalletPlanTests(WalletPlanTests.OneBusyWallet wallet) : IClassFixture<WalletPlanTests.OneBusyWallet>
{
    private const int Entries = 25_000;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Entries, 100)]
    [InlineData(Entries, 200)]
    [InlineData(Entries / 2, 100)]
    [InlineData(200, 100)]
    public async Task A_page_of_the_ledger_costs_the_same_wherever_it_begins(long before, int limit)
    {
        await using var command = GetLedger.PageCommand(wallet.Database, wallet.Account, new(new IdCursor(before), limit, Skip: 0));

        // Each line is two look-ups by key, of at most four blocks, and a block of the index for all.
        await Plans.AssertReadsAsync(wallet.Database, command, 20 + (9 * (limit + 1)));
    }

    [Fact]
    public async Task Skipped_lines_are_read_from_the_index_alone()
    {
        await using var command = GetLedger.PageCommand(wallet.Database, wallet.Account, new(After: null, 100, BareList.MaxSkip));

        await Plans.AssertReadsAsync(wallet.Database, command, 20 + (9 * 101) + (BareList.MaxSkip / 100));
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(1_000), InlineData(Entries / 2), InlineData(Entries - 1), InlineData(Entries), InlineData(2 * Entries)]
    public async Task A_past_balance_costs_the_same_for_every_time(int seconds)
    {
        await using var command = PastBalance.Command(wallet.Database, "cust_busy", wallet.Begin.AddSeconds(seconds));

        // 16 steps for 50,000 transfer ids, of two look-ups each.
        await Plans.AssertReadsAsync(wallet.Database, command, 20 + (16 * 8));
        await using var row = await command.ExecuteReaderAsync(Cancelled);
        Assert.True(await row.ReadAsync(Cancelled));
        Assert.Equal(Math.Min(seconds, Entries), row.GetDecimal(2));
    }

    [Theory]
    [InlineData(null, 0), InlineData(null, BareList.MaxSkip), InlineData(10_000, 0), InlineData(150, 0)]
    public async Task A_page_of_wallets_costs_the_same_wherever_it_begins(int? before, int skip)
    {
        UuidCursor? cursor = before is { } n ? new(Guid.Parse($"019a0000-0000-7000-8000-{n:x12}")) : null;
        await using var command = ListWallets.PageCommand(wallet.Database, new(cursor, 100, skip));

        // A wallet, its account, its last entry and that entry's transfer: four look-ups.
        await Plans.AssertReadsAsync(wallet.Database, command, 20 + (17 * 101) + (skip / 50));
    }

    /// <summary>A database of its own: 20,000 wallets, and of the first one an entry a second. Every second transfer is another's.</summary>
    public sealed class OneBusyWallet(Databases databases) : IAsyncLifetime
    {
        private static readonly string[] Fill =
        [
            """
            INSERT INTO wallets (id, customer_id, currency)
            SELECT ('019a0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
                CASE n WHEN 1 THEN 'cust_busy' ELSE 'cust_' || n END, 'USD'
            FROM generate_series(1, 20000) n
            """,
            "INSERT INTO accounts (owner, kind, currency) SELECT 'wallet:' || customer_id, 'wallet', 'USD' FROM wallets",
            "INSERT INTO accounts (owner, kind, currency) VALUES ('bank:0', 'bank', 'USD')",

            // balance_after counts the entries.
            """
            WITH posted AS (
                SELECT n, i, 'credit:' || n || ':' || i AS reference,
                    CASE i WHEN 0 THEN 'wallet:cust_busy' ELSE 'wallet:cust_' || (2 + n % 19999) END AS owner
                FROM generate_series(1, 25000) n, generate_series(0, 1) i),
            made AS (
                INSERT INTO transfers (reference, kind, currency, description, created_at)
                SELECT reference, 'wallet_credit', 'USD', 'Wallet credit', timestamptz '2026-01-01Z' + n * interval '1 s' FROM posted ORDER BY n, i
                RETURNING id, reference)
            INSERT INTO entries (transfer_id, account_id, amount, balance_after)
            SELECT made.id, accounts.id, side.sign, CASE WHEN accounts.kind = 'wallet' THEN posted.n ELSE 0 END
            FROM posted JOIN made USING (reference) CROSS JOIN (VALUES (1), (-1)) AS side (sign)
            JOIN accounts ON accounts.owner = CASE side.sign WHEN 1 THEN posted.owner ELSE 'bank:0' END
            """,
        ];

        private NpgsqlDataSource? _database;

        public DateTime Begin { get; } = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        public NpgsqlDataSource Database => _database ?? throw new InvalidOperationException("Not yet there.");

        public long Account { get; private set; }

        public async ValueTask InitializeAsync()
        {
            _database = await databases.FillAsync("wallet_plans", Fill, "wallets", "accounts", "transfers", "entries");
            await using var find = _database.CreateCommand("SELECT id FROM accounts WHERE owner = 'wallet:cust_busy'");
            Account = (long)(await find.ExecuteScalarAsync())!;
        }

        public async ValueTask DisposeAsync()
        {
            if (_database is not null) await _database.DisposeAsync();
        }
    }
}
