using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Batches;
using ServiceDefaults.Problems;

namespace Ingest.Api.Transactions;

/// <summary>
/// Commits webhooks in batches (<see cref="BatchQueue{TItem,TResult}"/>). Roles: requests enqueue and wait; a few batches at a time are each committed as one
/// statement on a connection of their own (13,300 a second measured on 2 cores with everything on them; docs/performance.md); the background service watches
/// for the database while it is away.
/// Guarantee: a webhook is answered 202 after its row is committed, never before; a committed batch is never answered with an error; a row that the database
/// refuses fails alone.
/// <list type="bullet">
/// <item>Dies before the commit: no 202 was sent, the sender sends again.</item>
/// <item>Dies between commit and 202: the sender sends again and gets the answer for a duplicate.</item>
/// <item>Dies between commit and Kafka's acknowledgement: the relay of Processor.Worker publishes the row.</item>
/// <item>PostgreSQL goes, takes no writes, or hangs for longer than Accept__CommitTimeout: every webhook is answered 503 at once until the watch, which asks
/// once a second, finds it writable again.</item>
/// </list>
/// </summary>
internal sealed partial class CommitQueue : BackgroundService
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    private readonly InsertTransactions _insert;
    private readonly PublishTransactions _publish;
    private readonly AcceptMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly BatchQueue<TransactionContent, AcceptOutcome> _queue;
    private readonly SemaphoreSlim _lost = new(0); // Released for the watch when the database is found away.
    private int _isAway; // 1: webhooks are refused until the watch sets it back.

    public CommitQueue(
        InsertTransactions insert, PublishTransactions publish, AcceptMetrics metrics, IOptions<AcceptOptions> options, TimeProvider clock,
        ILogger<CommitQueue> logger)
    {
        (_insert, _publish, _metrics, _clock, _logger) = (insert, publish, metrics, clock, logger);
        var batches = new BatchQueueOptions("commit transactions")
        {
            Capacity = options.Value.QueueCapacity,
            MaxBatch = options.Value.MaxBatch,
            MaxInFlight = options.Value.Committers,
            MinBatchBesideAnother = options.Value.MinParallelBatch,
            MaxWait = options.Value.CommitTimeout,
        };
        _queue = new(batches, CommitAsync, clock);
        metrics.ObserveQueue(() => _queue.Waiting);
    }

    public static Problem DatabaseAway { get; } = Problem.Unavailable("The database cannot answer at the moment. Send the webhook again shortly.");

    /// <summary>Why <see cref="TryEnqueue"/> takes no webhook.</summary>
    public Problem Refusal => IsAway
        ? DatabaseAway
        : Problem.Unavailable("More webhooks arrive than can be stored at the moment; this one was not. Send it again shortly.");

    private bool IsAway => Volatile.Read(ref _isAway) == 1;

    /// <summary>Enqueues a webhook for the next commit; null when too many wait already or the database is away.</summary>
    public Task<AcceptOutcome>? TryEnqueue(TransactionContent content) => IsAway ? null : _queue.TryEnqueue(content);

    /// <summary>The watch: waits until the database is found away, then until it is writable again.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await _lost.WaitAsync(stoppingToken);
            DatabaseLost();
            while (!await _insert.IsDatabaseWritableAsync(stoppingToken)) await Task.Delay(AskAgainAfter, _clock, stoppingToken);
            Volatile.Write(ref _isAway, 0);
            DatabaseBack();
        }
    }

    private async Task CommitAsync(IReadOnlyList<Submission> batch)
    {
        var started = _clock.GetTimestamp();
        try
        {
            if (!IsAway) await CommitGroupsAsync(SubmissionGroup.Of(batch), CancellationToken.None);
            _metrics.Committed(batch.Count, _clock.GetElapsedTime(started));
        }
        catch (Exception exception)
        {
            Activity.Current?.SetStatus(ActivityStatusCode.Error, exception.Message);
            if (DatabaseFaults.Of(exception) == DatabaseFault.None) Failed(exception, batch.Count);
            else NotCommitted(exception, batch.Count);

            // Before the answers: a sender that sends again at once is refused at once.
            if (exception is NpgsqlException or TimeoutException or SocketException && Interlocked.Exchange(ref _isAway, 1) == 0) _lost.Release();
        }

        // Those that have no outcome yet: it has failed, or they were let in before the database was found away.
        foreach (var submission in batch)
            if (!submission.Task.IsCompleted) submission.TrySetResult(AcceptOutcome.Unavailable);
    }

    private async Task CommitGroupsAsync(ArraySegment<SubmissionGroup> groups, CancellationToken cancellationToken)
    {
        InsertedRows inserted;
        try
        {
            inserted = await _insert.InsertAsync(groups, cancellationToken);
        }
        catch (PostgresException refusal) when (IsForTheRow(refusal))
        {
            await SplitAsync(groups, refusal, cancellationToken);
            return;
        }

        // All answers first: senders wait for them, and no request waits for Kafka.
        foreach (var group in groups)
            if (inserted.Contains(group.Id)) group.CompleteInserted();
        foreach (var group in groups)
            if (inserted.Contains(group.Id)) _publish.Publish(group.First, inserted.CreatedAt);

        List<SubmissionGroup> conflicts = [.. groups.Where(group => !inserted.Contains(group.Id))];
        if (conflicts.Count > 0) await CompareAsync(conflicts, cancellationToken);
    }

    /// <summary>Integrity and data errors, and what a trigger raises, are the fault of one row; every other error concerns the whole statement.</summary>
    private static bool IsForTheRow(PostgresException refusal) => refusal.SqlState is ['2', '2' or '3', ..] or ['P', '0', ..];

    private async Task SplitAsync(ArraySegment<SubmissionGroup> groups, PostgresException refusal, CancellationToken cancellationToken)
    {
        if (groups.Count == 1)
        {
            RowRefused(groups[0].Id, refusal);
            groups[0].Complete(AcceptOutcome.Rejected);
            return;
        }

        await CommitGroupsAsync(groups[..(groups.Count / 2)], cancellationToken);
        await CommitGroupsAsync(groups[(groups.Count / 2)..], cancellationToken);
    }

    private async Task CompareAsync(List<SubmissionGroup> conflicts, CancellationToken cancellationToken)
    {
        var stored = await _insert.FindAsync(conflicts, cancellationToken);
        foreach (var group in conflicts) group.CompleteAgainst(stored.GetValueOrDefault(group.Id));
    }

    [LoggerMessage(1, LogLevel.Error, "A batch of {Count} webhooks could not be committed; their senders were told to send again")]
    private partial void Failed(Exception exception, int count);

    [LoggerMessage(5, LogLevel.Warning, "The database could not commit a batch of {Count} webhooks; their senders were told to send again")]
    private partial void NotCommitted(Exception exception, int count);

    [LoggerMessage(2, LogLevel.Error, "The database refuses the row of {TransactionId}; its neighbours are committed without it")]
    private partial void RowRefused(string transactionId, PostgresException exception);

    [LoggerMessage(3, LogLevel.Warning, "PostgreSQL is away: webhooks are answered 503 until it is back")]
    private partial void DatabaseLost();

    [LoggerMessage(4, LogLevel.Information, "PostgreSQL is back: webhooks are taken in again")]
    private partial void DatabaseBack();
}
