using System.Net;
using System.Text.Json;
using Npgsql;
using Processor.Worker.Payments;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Payments;

/// <summary>Text of the bank that PostgreSQL would refuse, or that is longer than what is kept.</summary>
public sealed class BankTextTests(Servers servers) : IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;
    private PaymentRows _rows = null!;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await servers.CreateDatabaseAsync());
        _rows = await PaymentRows.CreateAsync(_database);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData(499, "\U0001F600", 499)] // An emoji has two UTF-16 code units: half of it has no UTF-8.
    [InlineData(498, "\U0001F600", 500)]
    [InlineData(10, "\0\0", 10)]
    [InlineData(600, "", 500)]
    public async Task The_banks_message_settles_the_payment_whatever_it_contains(int length, string end, int kept)
    {
        var id = await _rows.AddAsync("withdrawal");
        var message = new string('x', length) + end;
        var bank = new StubBank(HttpStatusCode.OK, $$"""{"status":"failed","bank_reference":"WTH-1","error_message":{{JsonSerializer.Serialize(message)}}}""");
        var payment = Assert.Single(await new ClaimPayments(_database, TimeProvider.System)
            .RunAsync([id], TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        await bank.RunStepAsync(payment, _database, new PaymentOptions(), TimeProvider.System);

        Assert.Equal(("failed", "100 0", 0), await _rows.StateAsync(id));
        var stored = await _rows.ScalarAsync<string>($"SELECT error_message FROM payments WHERE id = {id}");
        Assert.Equal(kept, stored.Length);
        Assert.StartsWith(new string('x', Math.Min(length, 500)), stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_banks_reference_is_kept_while_the_payment_waits_for_its_callback_whatever_it_contains()
    {
        var id = await _rows.AddAsync("deposit");
        var bank = new StubBank(HttpStatusCode.Accepted, """{"status":"pending","bank_reference":"DEP-\u0000\ud83d1"}""");
        var payment = Assert.Single(await new ClaimPayments(_database, TimeProvider.System)
            .RunAsync([id], TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        await bank.RunStepAsync(payment, _database, new PaymentOptions(), TimeProvider.System);

        var reference = await _rows.ScalarAsync<string>($"SELECT coalesce(bank_reference, 'DEP-none') FROM payments WHERE id = {id}");
        Assert.StartsWith("DEP-", reference, StringComparison.Ordinal);
        Assert.Equal("processing", (await _rows.StateAsync(id)).Status);
    }
}
