using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Payments;

/// <summary>A world with one user who has 100.00 USD.</summary>
public sealed class PaymentWorld : IAsyncDisposable
{
    private readonly PaymentRows _rows;

    private PaymentWorld(World world, PaymentRows rows) => (World, _rows) = (world, rows);

    public World World { get; }

    public long Account => _rows.Account;

    public static async Task<PaymentWorld> CreateAsync(Servers servers)
    {
        var world = await World.CreateAsync(servers);
        return new(world, await PaymentRows.CreateAsync(world.Database));
    }

    /// <summary>A worker's settings for this bank: short waits, also after many attempts, and a lease that ends soon.</summary>
    public static (string Name, string Value)[] With(TestBank bank, params (string Name, string Value)[] settings) =>
    [
        ("Bank:Url", bank.Url), ("Bank:Timeout", "00:00:04"), ("Payments:Lease", "00:00:10"), ("Payments:RetryBase", "00:00:00.050"),
        ("Payments:MaxRetryWait", "00:00:01"), ("Payments:CallbackTimeout", "00:00:01"), .. settings,
    ];

    /// <inheritdoc cref="PaymentRows.AddAsync" />
    public Task<long> AddAsync(string type, decimal amount = 10, bool isUnanswered = false, int attempts = 0) =>
        _rows.AddAsync(type, amount, isUnanswered, attempts);

    /// <summary>Waits until the payment is settled; returns <see cref="PaymentRows.StateAsync"/>.</summary>
    public async Task<(string Status, string Account, long Transfers)> SettledAsync(long id)
    {
        await Eventually.TrueAsync(
            _ => _rows.ScalarAsync<bool>($"SELECT processed_at IS NOT NULL FROM payments WHERE id = {id}"), TestContext.Current.CancellationToken);
        return await _rows.StateAsync(id);
    }

    public ValueTask DisposeAsync() => World.DisposeAsync();
}
