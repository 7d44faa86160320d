using Data.Payments;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Processor.Worker.Payments;
using Processor.Worker.Tests.Worlds;
using Processor.Worker.Work;
using Support;

namespace Processor.Worker.Tests.Payments;

/// <summary>Payments that become due again at the same time share a statement. A lock on the table holds the first up until the others wait together.</summary>
public sealed class RecordRetriesTests(Servers servers) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new();
    private NpgsqlDataSource _database = null!;
    private PaymentRows _rows = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await servers.CreateDatabaseAsync());
        _rows = await PaymentRows.CreateAsync(_database);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Of_those_that_share_a_statement_each_has_its_own_outcome_and_one_that_PostgreSQL_refuses_fails_alone()
    {
        var (opener, good, stale, settled, refused) =
            (await ClaimAsync(), await ClaimAsync(), await ClaimAsync(), await ClaimAsync(), await ClaimAsync());
        await ExecuteAsync($"UPDATE payments SET claim = claim + 1 WHERE id = {stale.Id}");
        await using (var connection = await _database.OpenConnectionAsync(Cancelled))
            await SettlePayments.AndCommitAsync(connection, [new(settled.Id, new BankResult(true, "DEP-1", null))], Cancelled);
        await ExecuteAsync(
            $"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON payments FOR EACH ROW WHEN (new.id = {refused.Id}) EXECUTE FUNCTION refuse();
            """);

        var retries = new RecordRetries(_database, _clock);
        await using var locked = await _database.OpenConnectionAsync(Cancelled);
        await using (var hold = new NpgsqlCommand("BEGIN; LOCK TABLE payments IN ACCESS EXCLUSIVE MODE", locked)) await hold.ExecuteNonQueryAsync(Cancelled);
        var first = RecordAsync(retries, opener);
        await Eventually.TrueAsync(
            _ => _rows.ScalarAsync<bool>($"SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'payments'::regclass"), Cancelled);
        var (recorded, superseded, isSettled, failed) =
            (RecordAsync(retries, good), RecordAsync(retries, stale), RecordAsync(retries, settled), RecordAsync(retries, refused));
        await using (var release = new NpgsqlCommand("COMMIT", locked)) await release.ExecuteNonQueryAsync(Cancelled);

        Assert.Equal(RecordedRetry.Recorded, await first);
        Assert.Equal(RecordedRetry.Recorded, await recorded);
        Assert.Equal(RecordedRetry.Superseded, await superseded);
        Assert.Equal(RecordedRetry.IsSettled, await isSettled);
        Assert.Equal("P0001", (await Assert.ThrowsAsync<PostgresException>(() => failed)).SqlState);
        foreach (var (payment, reason) in ((ClaimedPayment, string)[])[(opener, "busy"), (good, "busy"), (stale, "-"), (settled, "-"), (refused, "-")])
            Assert.Equal(reason, await _rows.ScalarAsync<string>($"SELECT coalesce(error_message, '-') FROM payments WHERE id = {payment.Id}"));
    }

    private static Task<RecordedRetry> RecordAsync(RecordRetries retries, ClaimedPayment payment) =>
        retries.RunAsync(new(payment, new PaymentStep.Retry(TimeSpan.FromMinutes(1), Attempts: 1, IsUnanswered: false, BankReference: null, Reason: "busy")));

    private async Task<ClaimedPayment> ClaimAsync() => Assert.Single(
        await new ClaimPayments(_database, _clock).RunAsync([await _rows.AddAsync(PaymentType.Deposit)], TimeSpan.FromMinutes(1), Cancelled));

    private async Task ExecuteAsync(FormattableString sql)
    {
        await using var command = _database.CreateCommand(sql.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
