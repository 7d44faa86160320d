using System.ComponentModel.DataAnnotations;
using Data.Transactions;
using ServiceDefaults.Authentication;
using ServiceDefaults.Requests;

namespace Ingest.Api.Transactions;

/// <summary>How webhooks are gathered into commits. Section <c>Accept</c>.</summary>
internal sealed class AcceptOptions
{
    public const string Section = "Accept";

    /// <summary>
    /// How many webhooks may wait for their commit; more are answered 503 at once. 2,000 are 0.2 s of work at 10,000 a second: what is let in is answered well
    /// within the half second after which senders give up.
    /// </summary>
    [Range(1, 1_000_000, ErrorMessage = "Accept__QueueCapacity must be between 1 and 1000000 webhooks.")]
    public int QueueCapacity { get; set; } = 2_000;

    /// <summary>The most webhooks in one commit.</summary>
    [Range(1, 10_000, ErrorMessage = "Accept__MaxBatch must be between 1 and 10000 webhooks.")]
    public int MaxBatch { get; set; } = 500;

    /// <summary>
    /// How many webhooks must wait for a commit to begin beside one that is in flight; when none is, one is enough. Batches that take whatever waits have 13
    /// rows at 128 connections, too few to pay for a commit (docs/performance.md).
    /// </summary>
    [Range(1, 10_000, ErrorMessage = "Accept__MinParallelBatch must be between 1 and 10000 webhooks.")]
    public int MinParallelBatch { get; set; } = 32;

    /// <summary>Commits in flight at a time, each on its own connection.</summary>
    [Range(1, 64, ErrorMessage = "Accept__Committers must be between 1 and 64.")]
    public int Committers { get; set; } = 3;

    /// <summary>
    /// How long a statement may take before its webhooks are answered 503 and the database counts as away. A commit takes milliseconds, a checkpoint on a slow
    /// disk a second or two; after Npgsql's own 30 s senders have given up long ago.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00", ParseLimitsInInvariantCulture = true,
        ErrorMessage = "Accept__CommitTimeout must be between 00:00:00.1 and 00:05:00, such as 00:00:05.")]
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A record that the broker has not acknowledged by then is left to the relay. Short, so that a broker that is away for long does not leave 100,000 records
    /// in memory; long enough for a leader election.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ParseLimitsInInvariantCulture = true,
        ErrorMessage = "Accept__DeliveryTimeout must be between 00:00:00.1 and 01:00:00, such as 00:00:30.")]
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>The intake of transaction webhooks: settings and services, in the order in which a webhook passes them.</summary>
internal static class TransactionsFeature
{
    public static void AddTransactions(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SignatureOptions>().BindConfiguration(SignatureOptions.Section)
            .Validate(o => o.Secrets.All(SignatureOptions.IsWellFormed), "WebhookSignature__Secrets__n: each must be whsec_ and at least 24 bytes in base64.")
            .Validate(o => o.Tolerance > TimeSpan.Zero, "WebhookSignature__Tolerance must be more than 00:00:00, such as 00:05:00.")
            .ValidateOnStart();
        builder.Services.AddOptions<AuthOptions>().PostConfigure<Microsoft.Extensions.Options.IOptions<SignatureOptions>>(
            (auth, signature) => auth.ProtectedOtherwise = signature.Value.Secrets.Length > 0);
        builder.Services.AddOptions<AcceptOptions>().BindConfiguration(AcceptOptions.Section)
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<TransactionSchedule>().BindConfiguration(TransactionSchedule.Section)
            .Validate(o => o.Fault is null, "Processing__Delay must be between 00:00:00 and 01:00:00, such as 00:00:30.").ValidateOnStart();

        builder.Services.AddSingleton<SignatureCheck>();
        builder.Services.AddSingleton<AcceptMetrics>();
        builder.Services.AddSingleton<InsertTransactions>();
        builder.Services.AddSingleton<UndeliveredRecords>();
        builder.Services.AddHostedService(services => services.GetRequiredService<UndeliveredRecords>());
        builder.Services.AddSingleton<PublishTransactions>();
        builder.Services.AddSingleton<CommitQueue>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CommitQueue>());
        builder.Services.AddSingleton<AcceptTransaction>();
        builder.Services.AddFirstEndpoint(AcceptTransaction.First);
    }

    public static void MapTransactions(this WebApplication app) => AcceptTransaction.Map(app);
}
