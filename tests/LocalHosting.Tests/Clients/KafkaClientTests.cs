using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LocalHosting.Tests.Clients;

/// <summary>What services use of the package Aspire.Confluent.Kafka: by its source here, or the package itself.</summary>
public sealed class KafkaClientTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Settings_come_from_the_section_then_from_the_section_of_that_name_then_from_code()
    {
        var builder = Builder(
            ("ConnectionStrings:broker", "127.0.0.1:1"),
            ("Aspire:Confluent:Kafka:Consumer:Config:GroupId", "from section"),
            ("Aspire:Confluent:Kafka:Consumer:Config:ClientId", "from section"),
            ("Aspire:Confluent:Kafka:Consumer:Config:SessionTimeoutMs", "6000"),
            ("Aspire:Confluent:Kafka:Consumer:broker:Config:GroupId", "from section of the name"),
            ("Aspire:Confluent:Kafka:Consumer:broker:Config:ClientId", "from section of the name"));
        KafkaConsumerSettings? seen = null;

        builder.AddKafkaConsumer<string, string>("broker", settings =>
        {
            seen = settings;
            settings.Config.GroupId = "from code";
        });

        Assert.Equal(("from code", "from section of the name", 6000), (seen!.Config.GroupId, seen.Config.ClientId, seen.Config.SessionTimeoutMs));
        using var host = builder.Build();
        Assert.Same(host.Services.GetRequiredService<IConsumer<string, string>>(), host.Services.GetRequiredService<IConsumer<string, string>>());
        Assert.Equal("127.0.0.1:1", seen.Config.BootstrapServers);
    }

    [Fact]
    public void A_producer_is_built_when_it_is_asked_for_with_what_the_code_says()
    {
        var builder = Builder(("ConnectionStrings:broker", "127.0.0.1:1"));
        var built = false;
        builder.AddKafkaProducer<string, byte[]>("broker", null, (IServiceProvider services, ProducerBuilder<string, byte[]> producer) =>
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
    public void A_missing_connection_string_is_named_when_the_client_is_made()
    {
        var builder = Builder();
        builder.AddKafkaProducer<string, string>("broker");
        using var host = builder.Build();

        Assert.Contains("ConnectionStrings", Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<IProducer<string, string>>).Message);
    }

    [Fact(Timeout = 120_000)]
    public async Task The_clients_own_lines_go_to_the_log_with_their_level()
    {
        var builder = Builder(("ConnectionStrings:broker", "127.0.0.1:1"));
        var log = new FirstError();
        builder.Logging.AddProvider(log);
        builder.AddKafkaProducer<string, string>("broker");
        using var host = builder.Build();

        host.Services.GetRequiredService<IProducer<string, string>>(); // Nobody listens there.

        Assert.Contains("FAIL", await log.Text.WaitAsync(Ct));
    }

    [Fact]
    public void Two_clients_of_one_kind_have_one_health_check_and_none_when_they_want_none()
    {
        var builder = Builder(("ConnectionStrings:broker", "127.0.0.1:1"), ("ConnectionStrings:other", "127.0.0.1:1"));
        builder.AddKafkaProducer<string, string>("broker");
        builder.AddKafkaProducer<string, byte[]>("broker");
        builder.AddKafkaProducer<byte[], byte[]>("other", settings => settings.DisableHealthChecks = true);
        using var host = builder.Build();

        Assert.Single(host.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations);
    }

    private static HostApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create<string, string?>(s.Key, s.Value)));
        return builder;
    }

    /// <summary>Remembers the first error.</summary>
    private sealed class FirstError : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource<string> _error = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Text => _error.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Error) _error.TrySetResult(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
