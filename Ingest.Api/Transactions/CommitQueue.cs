using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Problems;

namespace Ingest.Api.Transactions;

/// <summary>
/// Commits webhooks in groups. Roles: requests enqueue and wait; a few committers each take a batch and commit it as one statement on a
/// connection of their own (13,300 a second measured on 2 cores with everything on them; docs/performance.md).
/// Guarantee: a webhook is answered 202 after its row is committed, never before; a committed batch is never answered with an error; one
/// row that the database refuses fails alone.
/// <list type="bullet">
/// <item>Dies before the commit: no 202 was sent, the sender sends again.</item>
/// <item>Dies between commit and 202: the sender sends again and is told that it is a duplicate.</item>
/// <item>Dies between commit and Kafka's acknowledgement: the relay of Processor.Worker publishes the row.</item>
/// <item>PostgreSQL goes, or hangs for longer than Accept__CommitTimeout: every webhook is refused at once, until a committer reaches it again; it asks once a second.</item>
/// </list>
/// </summary>
internal sealed partial class CommitQueue(
    InsertTransactions insert, PublishTransactions publish, AcceptMetrics metrics, IOptions<AcceptOptions> options, TimeProvider clock,
    ILogger<CommitQueue> logger) : BackgroundService
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    private readonly WaitingSubmissions _waiting = new(
        options.Value.QueueCapacity, options.Value.MaxBatch, options.Value.WorthACommit);

    private readonly SemaphoreSlim _gathering = new(1); // One committer gathers the next batch while the others commit.
    private readonly ILogger _logger = logger;
    private volatile bool _databaseAway;
    private int _asking; // 1: a committer asks for the database.

    public static Problem DatabaseAway { get; } = Problem.Unavailable("The database cannot be reached at the moment. Send the webhook again shortly.");

    /// <summary>Why <see cref="TryEnqueue"/> says no.</summary>
    public Problem Refusal => _databaseAway
        ? DatabaseAway
        : Problem.Unavailable("More webhooks arrive than can be stored at the moment; this one was not. Send it again shortly.");

    /// <summary>Queues a webhook for the next commit, or says no at once: too many wait already, or the database is away.</summary>
    public bool TryEnqueue(Submission submission) => !_databaseAway && _waiting.TryAdd(submission);

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.ObserveQueue(() => _waiting.Count);
        return Task.WhenAll(Enumerable.Range(0, options.Value.Committers).Select(_ => CommitAsync(stoppingToken)));
    }

    private async Task CommitAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var batch = await NextBatchAsync(stoppingToken);
                var committed = await TryCommitAsync(batch, stoppingToken);
                _waiting.Done();
                if (!committed) await WaitForDatabaseAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server has stopped before this and with it every request: nobody waits any more.
        }
    }

    private async Task<List<Submission>> NextBatchAsync(CancellationToken cancellationToken)
    {
        await _gathering.WaitAsync(cancellationToken);
        try
        {
            return await _waiting.TakeAsync(cancellationToken);
        }
        finally
        {
            _gathering.Release();
        }
    }

    /// <summary>Commits, answers and publishes a batch. False: the database is away, and everybody in it has been told so.</summary>
    private async Task<bool> TryCommitAsync(List<Submission> batch, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        using var span = AcceptMetrics.StartCommit(batch);
        var groups = SubmissionGroup.Of(batch);
        try
        {
            await CommitGroupsAsync(groups, cancellationToken);
            metrics.Committed(batch.Count, clock.GetElapsedTime(started));
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            Failed(exception, batch.Count);
            var isAway = exception is NpgsqlException or TimeoutException or SocketException;
            if (isAway) _databaseAway = true; // Before the answers: who sends again at once is refused at once.
            foreach (var submission in batch) submission.Complete(AcceptOutcome.Unavailable);
            return !isAway;
        }
    }

    private async Task CommitGroupsAsync(ArraySegment<SubmissionGroup> groups, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, DateTime> inserted;
        try
        {
            inserted = await insert.InsertAsync(groups, cancellationToken);
        }
        catch (PostgresException refusal) when (IsForTheRow(refusal))
        {
            await SplitAsync(groups, refusal, cancellationToken);
            return;
        }

        // All answers first: senders wait for them, and nobody waits for Kafka.
        foreach (var group in groups)
            if (inserted.ContainsKey(group.Id)) group.CompleteInserted();
        foreach (var group in groups)
            if (inserted.TryGetValue(group.Id, out var createdAt)) publish.Publish(group.First, createdAt);

        if (inserted.Count < groups.Count) await CompareAsync([.. groups.Where(group => !inserted.ContainsKey(group.Id))], cancellationToken);
    }

    /// <summary>Integrity and data errors, and what a trigger raises, are one row's fault; everything else is the whole statement's.</summary>
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
        var stored = await insert.FindAsync(conflicts, cancellationToken);
        foreach (var group in conflicts) group.CompleteAgainst(stored.GetValueOrDefault(group.Id));
    }

    private async Task WaitForDatabaseAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _asking, 1) == 1) return; // Another committer asks already.
        DatabaseLost();
        while (true)
        {
            // Each time: some may have been let in while this was being found out.
            while (_waiting.TakeNow() is { Count: > 0 } batch) batch.ForEach(submission => submission.Complete(AcceptOutcome.Unavailable));
            if (await insert.IsDatabaseThereAsync(cancellationToken)) break;
            await Task.Delay(AskAgainAfter, clock, cancellationToken);
        }

        // In this order: a committer that finds it away again in between either asks itself or is told by this one that it is back.
        Interlocked.Exchange(ref _asking, 0);
        _databaseAway = false;
        DatabaseBack();
    }

    [LoggerMessage(1, LogLevel.Error, "A batch of {Count} webhooks could not be committed; their senders were told to send again")]
    private partial void Failed(Exception exception, int count);

    [LoggerMessage(2, LogLevel.Error, "The database refuses the row of {TransactionId}; its neighbours are committed without it")]
    private partial void RowRefused(string transactionId, PostgresException exception);

    [LoggerMessage(3, LogLevel.Warning, "PostgreSQL is away: webhooks are answered 503 until it is back")]
    private partial void DatabaseLost();

    [LoggerMessage(4, LogLevel.Information, "PostgreSQL is back: webhooks are taken in again")]
    private partial void DatabaseBack();
}
