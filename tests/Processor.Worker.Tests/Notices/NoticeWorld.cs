using System.Collections.Concurrent;
using Contracts;
using Data.Notices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Processor.Worker.Notices;
using Processor.Worker.Tests.Worlds;
using Processor.Worker.Work;
using Support;

namespace Processor.Worker.Tests.Notices;

/// <summary>What a worker has for notices, and nothing else of it: a database, no Kafka.</summary>
internal sealed class NoticeWorld : IAsyncDisposable, ILoggerProvider, ILogger
{
    private readonly NpgsqlDataSource _database;
    private readonly WebApplication _app;
    private readonly List<IHostedService> _running = [];

    private NoticeWorld(string database, IEnumerable<(string Name, string Value)> settings)
    {
        ConnectionString = database;
        _database = NpgsqlDataSource.Create(database);
        var builder = WebApplication.CreateSlimBuilder();
        foreach (var (name, value) in settings) builder.Configuration[name] = value;
        builder.Logging.ClearProviders().AddProvider(this);
        builder.Services.AddMetrics().AddSingleton(_database).AddSingleton(TimeProvider.System).AddSingleton(new Random(1)).AddSingleton<Problems>();
        builder.AddNotices();
        _app = builder.Build();
    }

    public string ConnectionString { get; }

    public ConcurrentQueue<string> Log { get; } = new();

    public IReadOnlyList<string> Problems => _app.Services.GetRequiredService<Problems>().Current;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<NoticeWorld> CreateAsync(Servers servers, params IEnumerable<(string Name, string Value)> settings) =>
        new(await servers.CreateDatabaseAsync(), settings);

    public async Task StartAsync()
    {
        foreach (var service in _app.Services.GetServices<IHostedService>())
        {
            await service.StartAsync(Cancelled);
            _running.Add(service);
        }
    }

    public Task RaiseAsync(string cause = "overdue:payments") => RaiseNotice.RunAsync(
        _database, new(WebhookEvents.OperationsWorkOverdue, cause, "3 payments are due.", "Start a worker.", "/admin/workers"), Cancelled);

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    public Task UntilAsync(string condition) => Eventually.TrueAsync(_ => ScalarAsync<bool>($"SELECT {condition}"), Cancelled);

    public ILogger CreateLogger(string categoryName) => this;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Log.Enqueue($"{formatter(state, exception)} {exception}");

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Dispose()
    {
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _running) await service.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }
}
