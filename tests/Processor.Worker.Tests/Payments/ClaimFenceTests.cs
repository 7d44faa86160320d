using System.Net;
using Data.Payments;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Processor.Worker.Payments;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Payments;

/// <summary>
/// A worker stands still past its lease at each step of a payment, another worker claims the payment meanwhile, and then the first one goes on.
/// </summary>
public sealed class ClaimFenceTests(Servers servers) : IAsyncLifetime
{
    private static readonly PaymentOptions Options = new() { MaxRetries = 0 };

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
    public async Task Paused_before_the_call_it_does_not_call_the_bank()
    {
        var bank = new StubBank(HttpStatusCode.Accepted);
        var (stale, id) = await ClaimedAsync("deposit");
        var next = await ClaimAgainAsync(id);
        _clock.Advance(Options.Lease);

        Assert.Equal(1, await bank.RunStepAsync(stale, _database, Options, _clock));

        Assert.Empty(bank.Requests);
        await NextOwnersStateStandsAsync(next);
    }

    [Theory]
    [InlineData("deposit", HttpStatusCode.Accepted, """{"status":"pending"}""")] // Would release the claim and wait for the callback,
    [InlineData("deposit", HttpStatusCode.InternalServerError, "")] // release it and ask,
    [InlineData("deposit", HttpStatusCode.OK, """{"status":"success"}""")] // settle it,
    [InlineData("withdrawal", HttpStatusCode.OK, """{"status":"failed"}""")]
    [InlineData("withdrawal", HttpStatusCode.ServiceUnavailable, "")] // or give it up.
    public async Task Paused_in_the_call_or_after_the_answer_it_records_nothing(string type, HttpStatusCode status, string body)
    {
        ClaimedPayment? next = null;
        var (stale, id) = await ClaimedAsync(type);
        var bank = new StubBank(status, body) { BeforeAnswer = async () => next = await ClaimAgainAsync(id) };

        Assert.Equal(1, await bank.RunStepAsync(stale, _database, Options, _clock));

        Assert.Single(bank.Requests);
        await NextOwnersStateStandsAsync(next!);
    }

    [Theory]
    [InlineData("deposit", HttpStatusCode.Accepted, """{"status":"pending"}""")]
    [InlineData("deposit", HttpStatusCode.OK, """{"status":"success"}""")]
    [InlineData("withdrawal", HttpStatusCode.ServiceUnavailable, "")]
    public async Task Overtaken_while_its_statement_waits_for_the_row_it_records_nothing(string type, HttpStatusCode status, string body)
    {
        var (stale, id) = await ClaimedAsync(type);
        var bank = new StubBank(status, body);
        await using var next = await _database.OpenConnectionAsync(Cancelled);
        await using (var claim = new NpgsqlCommand(
            "BEGIN; UPDATE payments SET claim = claim + 1, attempts = 41, due_at = now() + interval '1 h', next_publish_at = now() + interval '1 h'", next))
            await claim.ExecuteNonQueryAsync(Cancelled);

        var run = bank.RunStepAsync(stale, _database, Options, _clock);
        await Eventually.TrueAsync(
            _ => _rows.ScalarAsync<bool>(
                $"SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"),
            Cancelled);
        await using (var commit = new NpgsqlCommand("COMMIT", next)) await commit.ExecuteNonQueryAsync(Cancelled);

        Assert.Equal(1, await run);
        await NextOwnersStateStandsAsync(stale with { Claim = stale.Claim + 1, Attempts = 41 });
    }

    [Fact]
    public async Task The_banks_callback_settles_whoever_has_the_claim()
    {
        var (_, id) = await ClaimedAsync("deposit");
        await using var connection = await _database.OpenConnectionAsync(Cancelled);

        Assert.Equal([Settlement.Settled], await SettlePayments.AndCommitAsync(connection, [new(id, new BankResult(true, "DEP-1", null))], Cancelled));

        Assert.Equal(("success", "110 0", 1), await _rows.StateAsync(id));
    }

    [Fact]
    public async Task A_payment_settled_by_callback_before_the_answer_is_recorded_is_no_stale_claim()
    {
        var (claimed, id) = await ClaimedAsync("deposit");
        var bank = new StubBank(HttpStatusCode.Accepted)
        {
            BeforeAnswer = async () =>
            {
                await using var connection = await _database.OpenConnectionAsync(Cancelled);
                await SettlePayments.AndCommitAsync(connection, [new(id, new BankResult(true, "DEP-1", null))], Cancelled);
            },
        };

        Assert.Equal(0, await bank.RunStepAsync(claimed, _database, Options, _clock));
        Assert.Equal(("success", "110 0", 1), await _rows.StateAsync(id));
    }

    private async Task<(ClaimedPayment Claimed, long Id)> ClaimedAsync(string type)
    {
        var id = await _rows.AddAsync(type);
        return (Assert.Single(await new ClaimPayments(_database, _clock).RunAsync([id], Options.Lease, Cancelled)), id);
    }

    /// <summary>The lease has ended by the database's clock, and another worker has the payment.</summary>
    private async Task<ClaimedPayment> ClaimAgainAsync(long id)
    {
        await _rows.ScalarAsync<long>($"UPDATE payments SET due_at = now(), attempts = 41 WHERE id = {id} RETURNING id");
        return Assert.Single(await new ClaimPayments(_database, _clock).RunAsync([id], TimeSpan.FromHours(1), Cancelled));
    }

    private async Task NextOwnersStateStandsAsync(ClaimedPayment next)
    {
        const string State = "concat_ws(' ', status, claim, attempts, is_unanswered, error_message IS NULL, due_at > now() + interval '50 min')";
        Assert.Equal(
            $"processing {next.Claim} 41 t t t",
            await _rows.ScalarAsync<string>($"SELECT {State} FROM payments WHERE id = {next.Id}"));
        Assert.Equal(0L, await _rows.ScalarAsync<long>($"SELECT count(*) FROM dead_letters"));
        Assert.Equal(("processing", next.Type == "deposit" ? "100 0" : "100 10", 0), await _rows.StateAsync(next.Id));
    }
}
