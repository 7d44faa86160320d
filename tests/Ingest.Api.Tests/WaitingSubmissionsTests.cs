using Ingest.Api.Transactions;

namespace Ingest.Api.Tests;

public sealed class WaitingSubmissionsTests
{
    private readonly WaitingSubmissions _waiting = new(capacity: 10, maxBatch: 5, worthACommit: 3);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_alone_is_committed_at_once()
    {
        var next = _waiting.TakeAsync(Cancelled);
        Assert.False(next.IsCompleted);

        Add(1);

        Assert.Single(await next);
    }

    [Fact]
    public async Task While_a_commit_is_in_flight_a_few_wait_until_it_is_done()
    {
        Add(1);
        await _waiting.TakeAsync(Cancelled);
        Add(2);
        var next = _waiting.TakeAsync(Cancelled);
        Assert.False(next.IsCompleted);

        _waiting.Done();

        Assert.Equal(2, (await next).Count);
    }

    [Fact]
    public async Task Enough_of_them_do_not_wait_for_it()
    {
        Add(1);
        await _waiting.TakeAsync(Cancelled);
        var next = _waiting.TakeAsync(Cancelled);
        Add(2);
        Assert.False(next.IsCompleted);

        Add(1);

        Assert.Equal(3, (await next).Count);
    }

    [Fact]
    public async Task A_batch_is_the_longest_waiting_ones_and_no_larger_than_it_may_be()
    {
        var added = Add(8);

        Assert.Equal(added.Take(5), await _waiting.TakeAsync(Cancelled));
        Assert.Equal(added.Skip(5), await _waiting.TakeAsync(Cancelled));
    }

    [Fact]
    public void Nobody_is_let_in_beyond_its_capacity()
    {
        Add(10);

        Assert.False(_waiting.TryAdd(One()));
        Assert.Equal(10, _waiting.Count);
    }

    [Fact]
    public async Task Worth_a_commit_is_never_more_than_may_wait()
    {
        var small = new WaitingSubmissions(capacity: 2, maxBatch: 500, worthACommit: 32);
        Assert.True(small.TryAdd(One()));
        await small.TakeAsync(Cancelled);
        Assert.True(small.TryAdd(One()) && small.TryAdd(One()));

        Assert.Equal(2, (await small.TakeAsync(Cancelled)).Count);
    }

    private List<Submission> Add(int count)
    {
        var added = Enumerable.Range(0, count).Select(_ => One()).ToList();
        Assert.All(added, submission => Assert.True(_waiting.TryAdd(submission)));
        return added;
    }

    private static Submission One() => new(new TransactionContent("txn", "acc_a", "acc_b", 1m, "USD"), default);
}
