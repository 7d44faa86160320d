using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Data;
using Data.Ledger;
using Data.Payments;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Processor.Worker.Ledger;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Ledger;

public sealed class NightlyLedgerCheckTests(Servers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("2026-01-15T10:30:00Z", "2026-01-16T03:00:00Z")]
    [InlineData("2026-01-16T02:59:59Z", "2026-01-16T03:00:00Z")]
    [InlineData("2026-01-16T03:00:00Z", "2026-01-17T03:00:00Z")]
    public void The_next_check_is_at_three_in_the_morning(string now, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next, null), NightlyLedgerCheck.NextAfter(DateTimeOffset.Parse(now, null)));

    [Fact]
    public async Task A_difference_is_told_to_operators_and_a_ledger_that_adds_up_is_not()
    {
        await using var night = await Night.BeginAsync(await servers.CreateLedgerAsync());
        await night.PassAsync(TimeSpan.FromHours(17));
        Assert.Equal(0, await NoticesAsync(night.Database));

        await servers.BreakAsync(night.Database, "UPDATE accounts SET held = 21 WHERE id = 2");
        await night.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal(1, await NoticesAsync(night.Database));

        static async Task<long> NoticesAsync(string database)
        {
            await using var source = NpgsqlDataSource.Create($"{database};Pooling=false");
            await using var count = source.CreateCommand("SELECT count(*) FROM notices WHERE cause = 'ledger' AND detail LIKE '%Account 2 (user:1, USD)%'");
            return (long)(await count.ExecuteScalarAsync(Cancelled))!;
        }
    }

    [Fact]
    public async Task At_three_in_the_morning_and_not_before_the_log_says_whether_the_ledger_adds_up()
    {
        await using var night = await Night.BeginAsync(await servers.CreateLedgerAsync());
        await night.PassAsync(TimeSpan.FromHours(16.49));
        Assert.False(night.Lines.TryRead(out _));
        night.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("Information Ledger: 3 accounts, 2 transfers, 0 differences", await night.Lines.ReadAsync(Cancelled));

        await servers.BreakAsync(night.Database, "UPDATE accounts SET held = 21 WHERE id = 2");
        await night.PassAsync(TimeSpan.FromDays(1));
        Assert.StartsWith("Error Account 2 (user:1, USD): it holds 21.0000", await night.Lines.ReadAsync(Cancelled), StringComparison.Ordinal);
        Assert.StartsWith("Critical Ledger: 3 accounts, 2 transfers, 1 differences", await night.Lines.ReadAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_another_worker_checks_this_one_leaves_it_alone()
    {
        await using var night = await Night.BeginAsync(await servers.CreateLedgerAsync());
        await using var other = new NpgsqlConnection($"{night.Database};Pooling=false");
        await other.OpenAsync(Cancelled);
        await using var take = new NpgsqlCommand($"SELECT pg_advisory_lock({AdvisoryLock.LedgerCheck})", other);
        await take.ExecuteNonQueryAsync(Cancelled);
        await night.PassAsync(TimeSpan.FromHours(17));
        Assert.False(night.Lines.TryRead(out _));
    }

    [Fact]
    public async Task A_check_that_found_no_database_is_made_up_for()
    {
        var database = await servers.CreateLedgerAsync();
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await using var night = await Night.BeginAsync(database);
        await servers.RunAsync($"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        await night.PassAsync(TimeSpan.FromHours(17));
        Assert.StartsWith("Warning The ledger could not be checked", await night.Lines.ReadAsync(Cancelled), StringComparison.Ordinal);
        await servers.RunAsync($"ALTER DATABASE {name} ALLOW_CONNECTIONS true");
        night.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("Information Ledger: 3 accounts, 2 transfers, 0 differences", await night.Lines.ReadAsync(Cancelled));
    }

    /// <summary>The service alone, by a clock that a test turns, from half past ten in the morning.</summary>
    private sealed class Night : ILogger<NightlyLedgerCheck>, IAsyncDisposable
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
        private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        private readonly NpgsqlDataSource _source;
        private readonly NightlyLedgerCheck _service;

        private Night(string database)
        {
            (Database, _source) = (database, NpgsqlDataSource.Create(database));
            var check = new LedgerCheck([.. LedgerRules.All, .. PaymentLedgerRules.All]);
            _service = new NightlyLedgerCheck(_source, check, new LedgerMetrics(_services.GetRequiredService<IMeterFactory>()), Clock, this);
        }

        public string Database { get; }

        public FakeClock Clock { get; } = new();

        public ChannelReader<string> Lines => _lines.Reader;

        public static async Task<Night> BeginAsync(string database)
        {
            var night = new Night(database);
            await night._service.StartAsync(Cancelled);
            await night.Clock.WaitForTimersAsync(1, Cancelled);
            return night;
        }

        /// <summary>Lets time pass, and waits until the service waits for its next time.</summary>
        public async Task PassAsync(TimeSpan time)
        {
            await Clock.WaitForTimersAsync(1, Cancelled);
            Clock.Advance(time);
            await Clock.WaitForTimersAsync(1, Cancelled);
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Writer.TryWrite($"{logLevel} {formatter(state, exception)}");

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public async ValueTask DisposeAsync()
        {
            await _service.StopAsync(CancellationToken.None);
            _service.Dispose();
            await _source.DisposeAsync();
            await _services.DisposeAsync();
        }
    }
}
