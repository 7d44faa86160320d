using Confluent.Kafka;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace LocalHosting.Tests.Clients;

public sealed class ClientTests
{
    [Fact]
    public void Kafka_settings_come_from_configuration_then_from_code()
    {
        var builder = Builder(
            ("ConnectionStrings:broker", "127.0.0.1:1"),
            ("Aspire:Confluent:Kafka:Consumer:Config:GroupId", "from section"),
            ("Aspire:Confluent:Kafka:Consumer:Config:PartitionAssignmentStrategy", "Range"),
            ("Aspire:Confluent:Kafka:Consumer:broker:Config:SessionTimeoutMs", "6000"));
        Aspire.Confluent.Kafka.KafkaConsumerSettings? seen = null;

        builder.AddKafkaConsumer<string, string>("broker", (Aspire.Confluent.Kafka.KafkaConsumerSettings settings) =>
        {
            seen = settings;
            settings.Config.GroupId = "from code";
        });

        Assert.Equal("from code", seen!.Config.GroupId);
        Assert.Equal(PartitionAssignmentStrategy.Range, seen.Config.PartitionAssignmentStrategy);
        Assert.Equal(6000, seen.Config.SessionTimeoutMs);
        Assert.Null(seen.Config.StatisticsIntervalMs);
        using var host = builder.Build();
        // Confluent.Kafka finds Debian's librdkafka, or this throws.
        Assert.Same(host.Services.GetRequiredService<IConsumer<string, string>>(), host.Services.GetRequiredService<IConsumer<string, string>>());
    }

    [Fact]
    public void A_producer_is_built_with_what_the_code_says()
    {
        var builder = Builder(("ConnectionStrings:broker", "127.0.0.1:1"));
        var built = false;
        builder.AddKafkaProducer<string, byte[]>("broker", (IServiceProvider services, ProducerBuilder<string, byte[]> producer) =>
        {
            built = services is not null;
            producer.SetErrorHandler((_, _) => { });
        });
        using var host = builder.Build();

        Assert.False(built);
        Assert.NotNull(host.Services.GetRequiredService<IProducer<string, byte[]>>());
        Assert.True(built);
    }

    [Fact]
    public void A_missing_connection_string_is_named_when_it_is_needed()
    {
        var builder = Builder();
        builder.AddKafkaProducer<string, string>("broker");
        builder.AddNpgsqlDataSource("webhooks");
        builder.AddNpgsqlDbContext<Context>("webhooks");
        using var host = builder.Build();

        Assert.Contains("ConnectionStrings__broker", Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<IProducer<string, string>>).Message);
        Assert.Contains("ConnectionStrings__webhooks", Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<NpgsqlDataSource>).Message);
        using var scope = host.Services.CreateScope();
        Assert.Contains("ConnectionStrings__webhooks", Assert.Throws<InvalidOperationException>(scope.ServiceProvider.GetRequiredService<Context>).Message);
    }

    [Fact]
    public void PostgreSQL_clients_bring_health_checks_and_retries_unless_told_not_to()
    {
        var builder = Builder(("ConnectionStrings:webhooks", "Host=127.0.0.1;Port=1;Database=none"));
        builder.AddNpgsqlDataSource("webhooks", configureDataSourceBuilder: source => source.ConnectionStringBuilder.MaxPoolSize = 7);
        builder.AddNpgsqlDataSource("webhooks");
        builder.AddNpgsqlDbContext<Context>("webhooks");
        builder.AddNpgsqlDbContext<Unretried>("webhooks", settings => (settings.DisableRetry, settings.DisableHealthChecks) = (true, true));
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();

        Assert.Equal(["Context", "PostgreSql"], host.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(r => r.Name).Order());
        Assert.True(scope.ServiceProvider.GetRequiredService<Context>().Database.CreateExecutionStrategy().RetriesOnFailure);
        Assert.False(scope.ServiceProvider.GetRequiredService<Unretried>().Database.CreateExecutionStrategy().RetriesOnFailure);
    }

    [Fact]
    public async Task OpenTelemetry_is_started_once_with_the_host_however_often_it_is_added()
    {
        var builder = Builder(("ConnectionStrings:webhooks", "Host=127.0.0.1"));
        var spans = new List<System.Diagnostics.Activity>();
        builder.AddNpgsqlDataSource("webhooks");
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource("ours").AddProcessor(new SimpleActivityExportProcessor(new Exporter(spans))));
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("ours"));
        using var host = builder.Build();
        using var source = new System.Diagnostics.ActivitySource("ours");

        Assert.Null(source.StartActivity("before"));
        await host.StartAsync(TestContext.Current.CancellationToken);
        using (source.StartActivity("during"))
        {
        }
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal("during", Assert.Single(spans).OperationName);
        Assert.NotNull(host.Services.GetService<MeterProvider>());
        Assert.Single(host.Services.GetServices<IHostedService>(), service => service.GetType().Name == "TelemetryStart");
    }

    private static HostApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create<string, string?>(s.Key, s.Value)));
        return builder;
    }

    private sealed class Context(DbContextOptions<Context> options) : DbContext(options);

    private sealed class Unretried(DbContextOptions<Unretried> options) : DbContext(options);

    private sealed class Exporter(List<System.Diagnostics.Activity> spans) : BaseExporter<System.Diagnostics.Activity>
    {
        public override ExportResult Export(in Batch<System.Diagnostics.Activity> batch)
        {
            foreach (var span in batch)
                spans.Add(span);
            return ExportResult.Success;
        }
    }
}
