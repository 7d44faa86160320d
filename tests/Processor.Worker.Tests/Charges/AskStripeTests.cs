using System.Net;
using Data.Charges;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Processor.Worker.Charges;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Charges;

/// <summary>Steps of Stripe requests: crashes, unknown outcomes and workers that stand still, on a real database.</summary>
public sealed class AskStripeTests(Servers servers) : IAsyncLifetime
{
    private static readonly StripeOptions Options = new() { MaxRetries = 0 };

    private readonly FakeTimeProvider _clock = new();
    private readonly StubStripe _stripe = new();
    private NpgsqlDataSource _database = null!;
    private ChargeRows _rows = null!;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await servers.CreateDatabaseAsync());
        _rows = new(_database, _clock);
        await _rows.AddWalletAsync("cust_1", 100);
    }

    public async ValueTask DisposeAsync()
    {
        _stripe.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task The_claim_records_that_Stripe_may_have_been_asked_before_it_is()
    {
        var id = await PendingAsync();
        string? before = null;
        _stripe.Answers(async _ =>
        {
            before = await _rows.ReadAsync<string>($"SELECT is_unanswered || ' ' || (asked_at IS NOT NULL) FROM stripe_requests WHERE id = '{id}'");
            return StubStripe.Json(HttpStatusCode.OK, StubStripe.Paid);
        });
        await StepAsync(await _rows.ClaimAsync(id));
        Assert.Equal("true true", before);
        Assert.Equal("succeeded pi_1", await _rows.ReadAsync<string>($"SELECT status || ' ' || external_charge_id FROM charges WHERE id = '{id}'"));
        await AllIsWellAsync("0");
    }

    [Fact]
    public async Task A_decline_gives_the_wallet_its_part_back_and_says_so_in_its_ledger()
    {
        var id = await PendingAsync();
        Assert.Equal("0", await _rows.WalletAsync("cust_1"));
        _stripe.Answers(HttpStatusCode.PaymentRequired, """{"error":{"type":"card_error","code":"card_declined","message":"Your card was declined."}}""");
        await StepAsync(await _rows.ClaimAsync(id));
        Assert.Equal("failed card_declined", await _rows.ReadAsync<string>($"SELECT status || ' ' || failure_code FROM charges WHERE id = '{id}'"));
        Assert.Equal($"Wallet credit, Partial payment for charge {id}, Refund for failed charge {id}", await _rows.ReadAsync<string>(
            "SELECT string_agg(t.description, ', ' ORDER BY t.id) FROM entries e "
            + "JOIN transfers t ON t.id = e.transfer_id JOIN accounts a ON a.id = e.account_id "
            + "WHERE a.owner = 'wallet:cust_1'"));
        await AllIsWellAsync("100");
    }

    [Fact]
    public async Task An_unknown_outcome_is_asked_for_with_the_same_key_until_it_is_known()
    {
        var id = await PendingAsync();
        _stripe.Answers(HttpStatusCode.BadGateway, "<html/>", "text/html");
        await StepAsync(await _rows.ClaimAsync(id));
        Assert.Equal("pending", await StatusAsync(id));
        await StepAsync(await _rows.ClaimAsync(id));
        _stripe.Answers(HttpStatusCode.OK, StubStripe.Paid);
        await StepAsync(await _rows.ClaimAsync(id));
        Assert.Equal(Enumerable.Repeat($"POST /v1/payment_intents charge:{id}:1", 3), _stripe.Requests);
        Assert.Equal("succeeded", await StatusAsync(id));
    }

    [Fact]
    public async Task A_worker_that_died_after_asking_is_followed_by_the_same_request()
    {
        var id = await PendingAsync();
        await _rows.ClaimAsync(id); // And dies.
        var next = await _rows.ClaimAsync(id);
        Assert.True(next.IsUnanswered);
        await StepAsync(next);
        Assert.Equal($"POST /v1/payment_intents charge:{id}:1", Assert.Single(_stripe.Requests));
    }

    [Fact]
    public async Task A_key_that_Stripe_may_have_forgotten_is_not_sent_again_but_looked_for()
    {
        var id = await OldUnknownAsync();
        _stripe.Answers(HttpStatusCode.OK, ListOf(id));
        await StepAsync(await _rows.ClaimAsync(id));
        Assert.StartsWith("GET /v1/payment_intents?", Assert.Single(_stripe.Requests), StringComparison.Ordinal);
        Assert.Equal("pi_7", await _rows.ReadAsync<string>($"SELECT external_charge_id FROM charges WHERE id = '{id}'"));
    }

    [Fact]
    public async Task A_500_that_Stripe_repeats_for_its_key_is_looked_for_in_its_list_after_three_tries()
    {
        var id = await PendingAsync();
        _stripe.Answers(request => Task.FromResult(request.Method == HttpMethod.Get
            ? StubStripe.Json(HttpStatusCode.OK, ListOf(id))
            : StubStripe.Json(HttpStatusCode.InternalServerError, """{"error":{"type":"api_error"}}""")));
        for (var tries = 0; tries < 4; tries++) await StepAsync(await _rows.ClaimAsync(id));
        Assert.Equal(["POST", "POST", "POST", "GET"], _stripe.Requests.Select(request => request.Split(' ')[0]));
        Assert.Equal("succeeded", await StatusAsync(id));
    }

    [Fact]
    public async Task What_Stripes_list_does_not_have_is_asked_under_a_new_key()
    {
        var id = await OldUnknownAsync();
        _stripe.Answers(HttpStatusCode.OK, """{"object":"list","has_more":false,"data":[]}""");
        await StepAsync(await _rows.ClaimAsync(id));
        _stripe.Answers(HttpStatusCode.OK, StubStripe.Paid);
        await StepAsync(await _rows.ClaimAsync(id));
        Assert.Equal($"POST /v1/payment_intents charge:{id}:2", _stripe.Requests[1]);
        Assert.Equal("succeeded", await StatusAsync(id));
    }

    [Fact]
    public async Task Paused_past_its_lease_it_does_not_ask_and_what_it_learned_is_dropped()
    {
        var id = await PendingAsync();
        var stale = await _rows.ClaimAsync(id);
        _clock.Advance(Options.Lease);
        Assert.Equal(1, await StepAsync(stale));
        Assert.Empty(_stripe.Requests);

        var late = await _rows.ClaimAsync(id);
        _stripe.Answers(async _ =>
        {
            await _rows.ClaimAsync(id); // The next owner, while the first stands still in its request.
            return StubStripe.Json(HttpStatusCode.PaymentRequired, """{"error":{"type":"card_error","code":"card_declined"}}""");
        });
        Assert.Equal(1, await StepAsync(late));
        Assert.Equal("pending", await StatusAsync(id));
    }

    [Fact]
    public async Task Whoever_comes_first_settles_it_and_the_others_change_nothing()
    {
        var id = await PendingAsync();
        var claimed = await _rows.ClaimAsync(id);
        Assert.Equal(StripeSettlement.Settled, await _rows.SettleAsync(id, StripeResult.Succeeded("pi_1"))); // Stripe's webhook.
        await StepAsync(claimed);
        Assert.Equal(StripeSettlement.AlreadySettled, await _rows.SettleAsync(id, StripeResult.Succeeded("pi_1")));
        Assert.Equal(StripeSettlement.Contradicts, await _rows.SettleAsync(id, StripeResult.Failed("pi_1", "card_declined", "No.")));
        Assert.Equal(StripeSettlement.Unknown, await _rows.SettleAsync(Guid.NewGuid(), StripeResult.Succeeded("pi_1")));
        await AllIsWellAsync("0");
    }

    private static string ListOf(Guid id) =>
        $$$"""
        {"object":"list","has_more":false,
         "data":[{"id":"pi_7","object":"payment_intent","status":"succeeded","metadata":{"charge_id":"{{{id}}}"}}]}
        """;

    private Task<long> StepAsync(ClaimedStripeRequest claimed) => _stripe.RunStepAsync(claimed, _database, Options, _clock);

    /// <summary>A charge of 130 whose wallet part of 100 is set aside.</summary>
    private async Task<Guid> PendingAsync()
    {
        var started = await _rows.ChargeAsync("cust_1", 130);
        Assert.Equal((ChargeStatus.Pending, 100m, 30m), (started.Charge.Status, started.Charge.WalletAmount, started.Charge.ExternalAmount));
        return started.StripeRequestId!.Value;
    }

    private async Task<Guid> OldUnknownAsync()
    {
        var id = await PendingAsync();
        await _rows.ClaimAsync(id);
        return await _rows.ReadAsync<Guid>($"UPDATE stripe_requests SET asked_at = now() - interval '23 h 1 min' WHERE id = '{id}' RETURNING id");
    }

    private Task<string> StatusAsync(Guid id) => _rows.ReadAsync<string>($"SELECT status FROM charges WHERE id = '{id}'");

    private async Task AllIsWellAsync(string wallet)
    {
        Assert.Equal(wallet, await _rows.WalletAsync("cust_1"));
        Assert.Empty(await _rows.DifferencesAsync());
    }
}
