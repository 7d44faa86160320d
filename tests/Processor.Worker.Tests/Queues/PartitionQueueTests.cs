using Processor.Worker.Transactions;

namespace Processor.Worker.Tests.Queues;

public class PartitionQueueTests
{
    private readonly PartitionQueue _queue = new(3);

    [Fact]
    public void Nothing_can_be_committed_before_the_first_record()
    {
        Assert.Null(_queue.Committable);
        Assert.Null(_queue.NextDueTicks);
    }

    [Fact]
    public void The_offset_of_a_waiting_record_is_not_passed()
    {
        Add(7, due: 100);
        Add(8, due: 200);

        Assert.Equal(7, _queue.Committable);
        Assert.Empty(_queue.TakeDue(99, 10));
        Assert.Equal(7, _queue.Committable);
    }

    [Fact]
    public void The_offset_of_a_record_in_flight_is_not_passed()
    {
        Add(7, due: 100);
        var batch = _queue.TakeDue(100, 10);
        Assert.Equal(7, _queue.Committable);

        Finish(batch);
        Assert.Equal(8, _queue.Committable);
    }

    [Fact]
    public void A_late_record_overtakes_those_that_wait_but_the_offset_does_not()
    {
        Add(10, due: Seconds(30));
        Add(11, due: Seconds(-5));

        Assert.Equal(Seconds(-5), _queue.NextDueTicks);
        var batch = _queue.TakeDue(0, 10);
        Assert.Equal([11], batch.Select(record => record.Origin.Offset));

        Finish(batch);
        Assert.Equal(10, _queue.Committable);
        Finish(_queue.TakeDue(Seconds(30), 10));
        Assert.Equal(12, _queue.Committable);
    }

    [Fact]
    public void A_record_whose_producer_lagged_behind_another_is_not_late_for_those_before_it()
    {
        Add(10, due: Seconds(30));
        Add(11, due: Seconds(10));

        Assert.Equal([11], _queue.TakeDue(Seconds(10), 10).Select(record => record.Origin.Offset));
    }

    [Fact]
    public void The_oldest_are_taken_first_up_to_the_most_that_may_be_taken()
    {
        foreach (var (offset, due) in new[] { (1L, 30), (2L, 10), (3L, 31), (4L, 20), (5L, 32) }) Add(offset, Seconds(due));

        var first = _queue.TakeDue(Seconds(40), 3);
        Assert.Equal([2, 4, 1], first.Select(record => record.Origin.Offset));
        Finish(first);
        Assert.Equal([3, 5], _queue.TakeDue(Seconds(40), 3).Select(record => record.Origin.Offset));
    }

    [Fact]
    public void The_offset_waits_for_a_dead_letter_whatever_finishes_around_it()
    {
        Add(1, due: 0);
        var first = _queue.AddDeadLetter(2);
        var second = _queue.AddDeadLetter(3);
        Add(4, due: 0);

        Finish(_queue.TakeDue(0, 10));
        Assert.Equal(2, _queue.Committable);
        _queue.FinishDeadLetter(second);
        Assert.Equal(2, _queue.Committable);
        _queue.FinishDeadLetter(first);
        Assert.Equal(5, _queue.Committable);
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public void What_is_put_back_waits_on_and_holds_its_offset()
    {
        Add(1, due: 0);
        Add(2, due: 0);
        var batch = _queue.TakeDue(0, 10);
        _queue.PutBack(batch[0], dueTicks: 50);
        _queue.Finish(batch[1]);
        _queue.EndBatch();

        Assert.Equal(1, _queue.Committable);
        Assert.Empty(_queue.TakeDue(49, 10));
        Finish(_queue.TakeDue(50, 10));
        Assert.Equal(3, _queue.Committable);
    }

    [Fact]
    public void A_second_batch_is_refused_while_one_is_in_flight()
    {
        Add(1, due: 0);
        _queue.TakeDue(0, 10);
        Add(2, due: 0);

        Assert.Throws<InvalidOperationException>(() => _queue.TakeDue(0, 10));
    }

    /// <summary>A broker that lost its log counts from 0 again; a fetch that is repeated brings an offset twice.</summary>
    [Fact]
    public void Offsets_that_go_back_neither_stick_nor_run_ahead()
    {
        Add(4, due: 0);
        Add(5, due: 0);
        Add(5, due: 0);
        Add(0, due: 0);

        Finish(_queue.TakeDue(0, 3));
        Assert.Equal(0, _queue.Committable);
        Finish(_queue.TakeDue(0, 3));
        Assert.Equal(1, _queue.Committable);
        Assert.Equal(0, _queue.Span);
    }

    [Fact]
    public void Only_a_record_that_is_the_first_to_be_due_wakes_who_waits()
    {
        Assert.True(Add(1, due: Seconds(30)));
        Assert.False(Add(2, due: Seconds(30)));
        Assert.False(Add(3, due: Seconds(31)));
        Assert.True(Add(4, due: Seconds(5)));
    }

    private static long Seconds(int seconds) => seconds * TimeSpan.TicksPerSecond;

    private bool Add(long offset, long due) => _queue.Add(new RecordOrigin(offset, 0), due, $"txn_{offset}");

    private void Finish(IReadOnlyList<WaitingRecord> batch)
    {
        foreach (var record in batch) _queue.Finish(record);
        _queue.EndBatch();
    }
}
