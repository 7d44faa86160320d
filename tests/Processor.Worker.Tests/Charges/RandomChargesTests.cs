using System.Collections.Concurrent;
using Contracts;
using Data.Charges;
using Npgsql;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Charges;

/// <summary>
/// Thousands of credits, charges, settlements and refunds that fall by chance, on few customers, by many at a time; then all is settled, and everything must
/// add up to the last unit: the ledger check finds no difference, nothing is set aside, no hold is left. The seed stands in the output. With FAULTS=long it
/// is 10,000, which take both processors for two minutes.
/// </summary>
public sealed class RandomChargesTests(Servers servers, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Connections = 8, Customers = 6;

    private static readonly int Each = (Environment.GetEnvironmentVariable("FAULTS") == "long" ? 10_000 : 2_400) / Connections;

    private static readonly string[] Currencies = ["USD", "JPY", "KWD"];

    private readonly ConcurrentBag<Guid> _charges = [];
    private readonly ConcurrentBag<Guid> _refunds = [];
    private NpgsqlDataSource _database = null!;
    private ChargeRows _rows = null!;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create($"{await servers.CreateDatabaseAsync()};Maximum Pool Size={Connections};No Reset On Close=true");
        _rows = new(_database, TimeProvider.System);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Whatever_happens_at_the_same_time_every_charge_and_refund_adds_up()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        for (var n = 0; n < Customers; n++) await _rows.AddWalletAsync($"cust_{n}", 100, CurrencyOf(n).Code);

        // A deadlock would come out of here as an exception.
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(n => Task.Run(() => RunAsync(new Random(seed + n)))));
        Assert.Empty(await _rows.DifferencesAsync()); // While some are pending.

        foreach (var charge in _charges) await _rows.SettleAsync(charge, StripeResult.Succeeded($"pi_{charge}"));
        foreach (var refund in _refunds) await _rows.SettleRefundAsync(refund, StripeResult.Succeeded($"re_{refund}"));
        Assert.Empty(await _rows.DifferencesAsync());
        Assert.Equal(0, await _rows.ReadAsync<long>("SELECT count(*) FROM holds"));
        Assert.Equal(0, await _rows.ReadAsync<long>("SELECT count(*) FROM accounts WHERE owner LIKE 'clearing:%' AND balance <> 0"));
        output.WriteLine(await _rows.ReadAsync<string>(
            "SELECT (SELECT count(*) FROM charges) || ' charges, ' "
            + "|| (SELECT count(*) FROM refunds) || ' refunds, ' || (SELECT count(*) FROM transfers) || ' transfers'"));
        Assert.True(await _rows.ReadAsync<bool>(
            "SELECT count(DISTINCT status) = 2 AND count(DISTINCT payment_method) = 3 AND count(*) > 300 FROM charges"), "Too few kinds of charges fell.");
    }

    private async Task RunAsync(Random random)
    {
        for (var n = 0; n < Each; n++) await DoAsync(random);
    }

    private Task DoAsync(Random random) => random.Next(10) switch
    {
        0 or 1 => CreditAsync(random),
        2 or 3 or 4 => ChargeAsync(random),
        5 or 6 when _charges.TryPeek(out var charge) => _rows.SettleAsync(charge, AnyResult(random, "pi")),
        7 or 8 when AnyOf(_charges, random) is { } charge => RefundAsync(charge, random),
        _ when _refunds.TryPeek(out var refund) => _rows.SettleRefundAsync(refund, AnyResult(random, "re")),
        _ => Task.CompletedTask,
    };

    private Task CreditAsync(Random random)
    {
        var n = random.Next(Customers);
        return _rows.CreditAsync($"cust_{n}", AnyAmount(random, CurrencyOf(n), 60));
    }

    private async Task ChargeAsync(Random random)
    {
        var n = random.Next(Customers);
        var (currency, isSplit) = (CurrencyOf(n), random.Next(2) == 0);
        var amount = AnyAmount(random, currency, 150);
        decimal[] weights = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => (decimal)random.Next(1, 100))];
        SplitPart[]? parts = isSplit ? [.. ShareOut.ByWeights(amount, currency, weights).Select((share, at) => new SplitPart($"acct_{at % 3}", share))] : null;
        var started = await _rows.ChargeAsync($"cust_{n}", amount, random.Next(4) == 0 ? null : "pm_card_visa", currency.Code, parts);
        _charges.Add(started.Charge.Id);
        if (random.Next(2) == 0) await _rows.SettleAsync(started.Charge.Id, AnyResult(random, "pi"));
    }

    private async Task RefundAsync(Guid charge, Random random)
    {
        var currency = Currency.Find(await _rows.ReadAsync<string>($"SELECT currency FROM charges WHERE id = '{charge}'"))!;
        var refund = await _rows.RefundAsync(charge, random.Next(4) == 0 ? null : AnyAmount(random, currency, 80));
        if (refund?.Refund is { } made) _refunds.Add(made.Id);
    }

    private static Guid? AnyOf(ConcurrentBag<Guid> ids, Random random) => ids.ToArray() is { Length: > 0 } all ? all[random.Next(all.Length)] : null;

    private static StripeResult AnyResult(Random random, string prefix) => random.Next(3) > 0
        ? StripeResult.Succeeded($"{prefix}_1")
        : StripeResult.Failed(null, "card_declined", "Your card was declined.");

    private static decimal AnyAmount(Random random, Currency currency, int most) =>
        decimal.Round(random.Next(1, most * 1000) / 1000m, currency.Decimals) is > 0 and var amount ? amount : 1;

    private static Currency CurrencyOf(int customer) => Currency.Find(Currencies[customer % Currencies.Length])!;
}
