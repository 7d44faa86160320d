using Data.Transactions;
using Microsoft.Extensions.Options;
using Processor.Worker.Clients;
using Processor.Worker.Kafka;
using Processor.Worker.Workers;

namespace Processor.Worker.Transactions;

/// <summary>Processing of transactions, registered in the order of a record's way. Hosted services stop in the reverse order.</summary>
internal static class TransactionsFeature
{
    public static void AddTransactionProcessing(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<TransactionSchedule>().BindConfiguration(TransactionSchedule.Section)
            .Validate(o => o.Fault is null, "Processing__Delay must be between 00:00:00 and 01:00:00, such as 00:00:30.").ValidateOnStart();
        builder.Services.AddOptions<ProcessingOptions>().BindConfiguration(TransactionSchedule.Section)
            .ValidateDataAnnotations()
            .Validate(o => o.Url is null || (o.Url.IsAbsoluteUri && o.Url.Scheme is "http" or "https"),
                "Processing__Url must be an absolute http or https URL.")
            .Validate(o => o.Timeout > TimeSpan.Zero && o.Timeout <= TimeSpan.FromMinutes(1), "Processing__Timeout must be between 00:00:00.001 and 00:01:00.")
            .Validate(o => o.RetryBase > TimeSpan.Zero && o.RetryBase <= TimeSpan.FromMinutes(1),
                "Processing__RetryBase must be between 00:00:00.001 and 00:01:00.")
            .Validate(o => o.MisconfiguredWait > TimeSpan.Zero && o.MisconfiguredWait <= TimeSpan.FromHours(1),
                "Processing__MisconfiguredWait must be between 00:00:00.001 and 01:00:00.")
            .Validate(o => o.Gather >= TimeSpan.Zero && o.Gather <= TimeSpan.FromSeconds(1), "Processing__Gather must be between 00:00:00 and 00:00:01.")
            .ValidateOnStart();

        builder.Services.AddSingleton<WaitingTransactions>();
        builder.Services.AddSingleton<DatabaseState>();
        builder.Services.AddSingleton<ProcessingMetrics>();
        builder.Services.AddSingleton<RecordOutcomes>();
        AddPosting(builder);
        builder.Services.AddSingleton(Processor);
        builder.Services.AddSingleton<PutAsideTransactions>();
        builder.Services.AddHostedService(services => services.GetRequiredService<PutAsideTransactions>());
        builder.AddTopicConsumer<byte[], ReadTransactions>(deserializer: null, groupSuffix: "");
        builder.Services.AddSingleton(services =>
        {
            var (read, waiting) = (services.GetRequiredService<ReadTransactions>(), services.GetRequiredService<WaitingTransactions>());
            return new TopicProgress(read.Topic, () => read.Lag, () => waiting.Count);
        });
        builder.Services.AddHostedService<ProcessTransactions>();

        // Two stops take up to Patience one after the other: the running batches, then the consumer's last revocation. A stop that is cut
        // short commits nothing.
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<ProcessingOptions>>((host, processing) =>
            host.ShutdownTimeout = processing.Value.Patience * 2 + TimeSpan.FromSeconds(10));
    }

    private static void AddPosting(WebApplicationBuilder builder) => builder.Services
        .AddHttpClient<PostTransactions>((services, http) => http.Timeout = services.GetRequiredService<IOptions<ProcessingOptions>>().Value.Timeout)
        .ConfigurePrimaryHttpMessageHandler(ClientsFeature.OutboundHandler);

    private static ITransactionProcessor Processor(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ProcessingOptions>>().Value;
        return options.Url is null ? new ProcessEverything(options.MaxBatch) : services.GetRequiredService<PostTransactions>();
    }
}
