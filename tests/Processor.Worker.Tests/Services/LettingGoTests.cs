using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Processor.Worker.DeadLetters;
using Processor.Worker.Payments;
using Processor.Worker.Transactions;
using Support;

namespace Processor.Worker.Tests.Services;

/// <summary>A worker whose host has no patience left is disposed of while it reads: first the services, then the consumers that they hold.</summary>
public sealed class LettingGoTests : IDisposable
{
    private const string Nowhere = "127.0.0.1:1";

    private readonly ServiceProvider _services = new ServiceCollection()
        .AddLogging().AddSingleton(TimeProvider.System).AddSingleton(_ => NpgsqlDataSource.Create("Host=127.0.0.1;Port=1"))
        .AddSingleton(_ => new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = Nowhere }).SetLogHandler((_, _) => { }).Build())
        .AddSingleton<DeadLetterTopic>().AddSingleton<DeadLetterWriter>()
        .AddSingleton<WaitingTransactions>().AddSingleton<Assignment>().AddSingleton<DatabaseState>().AddSingleton<ConsumerLag>()
        .AddSingleton(_ => new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = Nowhere, GroupId = "letting-go" })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build())
        .AddSingleton(_ => new ConsumerBuilder<byte[], PaymentRecord>(new ConsumerConfig { BootstrapServers = Nowhere, GroupId = "letting-go" })
            .SetValueDeserializer(new PaymentRecord.Deserializer()).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build())
        .AddSingleton<ConsumeTransactions>().AddSingleton<ConsumePayments>().Configure<BankOptions>(bank => bank.Url = new Uri("http://127.0.0.1:1"))
        .BuildServiceProvider();

    [Fact]
    public Task The_reader_of_transactions_has_left_its_consumer_when_it_is_disposed_of() => LeavesAsync<ConsumeTransactions, byte[]>();

    [Fact]
    public Task The_reader_of_payments_has_left_its_consumer_when_it_is_disposed_of() => LeavesAsync<ConsumePayments, PaymentRecord>();

    public void Dispose() => _services.Dispose();

    private async Task LeavesAsync<TService, TValue>() where TService : BackgroundService
    {
        var consumer = _services.GetRequiredService<IConsumer<byte[], TValue>>();
        var service = _services.GetRequiredService<TService>();
        await service.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(_ => Task.FromResult(consumer.Subscription.Count == 1), TestContext.Current.CancellationToken);

        service.Dispose();

        // The thread's last call closes it.
        Assert.Throws<ObjectDisposedException>(() => consumer.Subscription);
    }
}
