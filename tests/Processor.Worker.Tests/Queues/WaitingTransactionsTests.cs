using Microsoft.Extensions.Options;
using Processor.Worker.Transactions;
using Support;

namespace Processor.Worker.Tests.Queues;

public sealed class WaitingTransactionsTests : IDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(30);
    private static readonly Dictionary<string, TimeSpan> AllDone = [];

    private readonly FakeClock _clock = new();
    private readonly ProcessingOptions _options = new() { Gather = TimeSpan.Zero };
    private readonly WaitingTransactions _waiting;
    private readonly long[] _next = new long[12];

    public WaitingTransactionsTests()
    {
        _waiting = new WaitingTransactions(Options.Create(_options), _clock);
        _waiting.Assign([0, 1, 2]);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _waiting.Dispose();

    [Fact]
    public void A_record_is_taken_when_its_time_has_come_and_not_before()
    {
        Add(0, "a");
        _clock.Advance(Delay - TimeSpan.FromTicks(1));
        Assert.Null(_waiting.TakeDue(10));

        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["a"], Ids(_waiting.TakeDue(10)));
    }

    [Fact]
    public void Never_two_batches_of_one_partition()
    {
        Add(0, "a", age: Delay);
        var first = _waiting.TakeDue(10);
        Add(0, "b", age: Delay);
        Add(1, "c", age: Delay);

        Assert.Equal(["c"], Ids(_waiting.TakeDue(10)));
        Assert.Null(_waiting.TakeDue(10));
        _waiting.Finish(first!, AllDone);
        Assert.Equal(["b"], Ids(_waiting.TakeDue(10)));
    }

    [Fact]
    public void Partitions_take_turns_when_there_is_more_than_a_batch_takes()
    {
        var first = new List<int>();
        for (var i = 0; i < 9; i++)
            foreach (var partition in new[] { 0, 1, 2 }) Add(partition, $"{partition}-{i}", age: Delay);
        for (var i = 0; i < 6; i++)
        {
            var batch = _waiting.TakeDue(2);
            first.Add(batch!.Parts[0].Queue.Partition);
            _waiting.Finish(batch, AllDone);
        }

        Assert.All(first.GroupBy(partition => partition), turns => Assert.Equal(2, turns.Count()));
    }

    [Fact]
    public void A_late_record_overtakes_those_that_wait()
    {
        Add(0, "waits");
        Add(0, "late", age: TimeSpan.FromHours(1));
        Assert.Equal(["late"], Ids(_waiting.TakeDue(10)));
    }

    [Fact]
    public void A_created_at_in_the_future_waits_no_longer_than_the_delay()
    {
        Add(0, "future", age: TimeSpan.FromDays(-365));
        _clock.Advance(Delay);
        Assert.Equal(["future"], Ids(_waiting.TakeDue(10)));
    }

    [Fact]
    public void A_created_at_of_long_ago_is_due_at_once_and_says_of_nobody_that_he_has_waited_longer_than_a_topic_keeps_records()
    {
        Add(0, "ancient", age: TimeSpan.FromDays(365 * 2_000));
        Assert.Equal(TimeSpan.FromDays(7), _waiting.OldestDue);
        Assert.Equal(["ancient"], Ids(_waiting.TakeDue(10)));
    }

    [Fact]
    public void A_clock_that_somebody_sets_changes_nothing_for_what_was_read()
    {
        Add(0, "a");
        _clock.AdjustTime(_clock.GetUtcNow() - TimeSpan.FromHours(1));
        _clock.Advance(Delay);
        Assert.Equal(["a"], Ids(_waiting.TakeDue(10)));
    }

    [Fact]
    public void What_the_database_refuses_waits_as_long_as_it_says_and_holds_its_offset()
    {
        Add(0, "early", age: Delay);
        Add(0, "done", age: Delay);
        _waiting.Finish(_waiting.TakeDue(10)!, new Dictionary<string, TimeSpan> { ["early"] = TimeSpan.FromSeconds(3) });
        Assert.Equal([(0, 0L)], _waiting.Committable());

        _clock.Advance(TimeSpan.FromSeconds(3) - TimeSpan.FromTicks(1));
        Assert.Null(_waiting.TakeDue(10));
        _clock.Advance(TimeSpan.FromTicks(1));
        _waiting.Finish(_waiting.TakeDue(10)!, AllDone);
        Assert.Equal([(0, 2L)], _waiting.Committable());
    }

    [Fact]
    public async Task Revoking_waits_for_the_batch_and_gives_back_the_offset_behind_it()
    {
        Add(0, "a", age: Delay);
        Add(0, "b");
        var batch = _waiting.TakeDue(10);

        var revoke = _waiting.RevokeAsync([0, 1], _options.Patience);
        Assert.False(revoke.IsCompleted);
        _waiting.Finish(batch!, AllDone);

        Assert.Equal([(0, 1L)], await revoke.WaitAsync(Cancelled));
        Assert.Equal(1, _waiting.Partitions);
        Assert.False(_waiting.Add(0, new RecordOrigin(2, 0), _clock.GetUtcNow(), "c", 0));
        Assert.Null(_waiting.AddDeadLetter(0, 3));
    }

    [Fact]
    public async Task A_batch_that_hangs_is_left_behind_after_the_patience_and_its_offset_not_passed()
    {
        Add(0, "a", age: Delay);
        var batch = _waiting.TakeDue(10);
        var revoke = _waiting.RevokeAsync([0], _options.Patience);
        _clock.Advance(_options.Patience);
        Assert.Equal([(0, 0L)], await revoke.WaitAsync(Cancelled));

        // It comes back, and the batch of its former life ends at last: nothing of the new one is touched by that.
        _waiting.Assign([0]);
        _next[0] = 0;
        Add(0, "a", age: Delay);
        _waiting.Finish(batch!, AllDone);
        Assert.Equal([(0, 0L)], _waiting.Committable());
    }

    [Fact]
    public void A_partition_with_its_share_is_paused_and_read_again_when_there_is_room()
    {
        _options.MaxWaiting = 30;
        for (var i = 0; i < 10; i++) Add(1, $"{i}", age: Delay);
        Add(0, "x");
        Assert.Equal([1], _waiting.Overfull(new HashSet<int>()));

        _waiting.Finish(_waiting.TakeDue(1)!, AllDone);
        Assert.Equal([1], _waiting.Overfull(new HashSet<int> { 1 }));
        _waiting.Finish(_waiting.TakeDue(1)!, AllDone);
        Assert.Empty(_waiting.Overfull(new HashSet<int> { 1 }));
    }

    [Fact]
    public void Dead_letters_that_are_not_written_count_as_waiting()
    {
        _options.MaxWaiting = 30;
        for (var offset = 0; offset < 10; offset++) _waiting.AddDeadLetter(2, offset);
        Assert.Equal([2], _waiting.Overfull(new HashSet<int>()));
        Assert.Equal(10, _waiting.Count);
    }

    [Fact]
    public void What_is_put_aside_holds_its_offset_until_its_dead_letter_is_written_and_holds_up_nothing_else()
    {
        Add(0, "nobody", age: Delay);
        Add(0, "a", age: Delay);
        var batch = _waiting.TakeDue(10)!;
        _waiting.Finish(batch, AllDone, aside: new HashSet<string> { "nobody" });
        Add(0, "b", age: Delay);

        var next = _waiting.TakeDue(10);
        Assert.Equal(["b"], Ids(next));
        _waiting.Finish(next!, AllDone);
        Assert.Equal([(0, 0L)], _waiting.Committable());

        _waiting.FinishDeadLetter(batch.Parts[0].Queue, batch.Records.First().Ticket);
        Assert.Equal([(0, 3L)], _waiting.Committable());
    }

    [Fact]
    public void The_oldest_is_as_late_as_it_is()
    {
        Assert.Equal(TimeSpan.Zero, _waiting.OldestDue);
        Add(0, "a", age: Delay + TimeSpan.FromSeconds(7));
        Assert.Equal(TimeSpan.FromSeconds(7), _waiting.OldestDue);
    }

    private static IEnumerable<string>? Ids(Batch? batch) => batch?.Records.Select(record => record.Id);

    private void Add(int partition, string id, TimeSpan age = default) =>
        Assert.True(_waiting.Add(partition, new RecordOrigin(_next[partition]++, 0), _clock.GetUtcNow() - age, id, 0));
}
