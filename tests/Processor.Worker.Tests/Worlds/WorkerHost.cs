using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using Processor.Worker.Transactions;
using Support;

namespace Processor.Worker.Tests.Worlds;

/// <summary>A whole worker in this process, with its loops running.</summary>
public sealed class WorkerHost : IAsyncDisposable
{
    private readonly WebApplicationFactory<Program> _factory;
    private readonly HttpClient _http;

    internal WorkerHost(TimeProvider? clock, IEnumerable<(string Name, string Value)> settings)
    {
        _factory = new WebApplicationFactory<Program>().WithWebHostBuilder(builder =>
        {
            builder.UseEnvironment("Production");
            foreach (var (name, value) in settings) builder.UseSetting(name, value);
            if (clock is not null) builder.ConfigureTestServices(services => services.Replace(ServiceDescriptor.Singleton(clock)));
        });
        _http = _factory.CreateClient();
    }

    /// <summary>Partitions that it owns.</summary>
    public int Partitions => _factory.Services.GetRequiredService<WaitingTransactions>().Partitions;

    /// <summary>Records that it has read and not finished.</summary>
    public int Waiting => _factory.Services.GetRequiredService<WaitingTransactions>().Count;

    /// <summary>Whether its last batch found no database.</summary>
    public bool IsDatabaseAway => _factory.Services.GetRequiredService<DatabaseState>().IsAway;

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    /// <summary>Waits until it owns <paramref name="partitions"/>.</summary>
    public Task UntilOwnsAsync(int partitions) => Eventually.GetAsync(
        _ => Task.FromResult(Partitions), count => count == partitions, TestContext.Current.CancellationToken);

    /// <summary>Sends its metrics now; by itself it does so once a minute.</summary>
    public void FlushMetrics() => _factory.Services.GetRequiredService<MeterProvider>().ForceFlush();

    /// <summary>Stops as on SIGTERM.</summary>
    public Task StopAsync() => _factory.Services.GetRequiredService<IHost>().StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _factory.DisposeAsync();
    }
}
