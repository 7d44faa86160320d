using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Data.Tests;

public sealed class WritableDatabaseTests(Database database)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("off", HealthStatus.Healthy), InlineData("on", HealthStatus.Unhealthy)]
    public async Task A_server_that_takes_no_writes_is_unhealthy_and_its_connections_are_dropped(string readOnly, HealthStatus status)
    {
        var connection = $"{database.ConnectionString};Options=-c default_transaction_read_only={readOnly}";
        await using var source = NpgsqlDataSource.Create(connection);
        var services = new ServiceCollection().AddLogging().AddSingleton(source);
        services.AddWritableCheck();
        await using var provider = services.BuildServiceProvider();
        var before = await SessionAsync(source);

        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancelled);

        Assert.Equal(status, report.Status);
        Assert.Equal(status == HealthStatus.Healthy, before == await SessionAsync(source));
    }

    private static async Task<int> SessionAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("SELECT pg_backend_pid()");
        return (int)(await command.ExecuteScalarAsync(Cancelled))!;
    }
}
