using FsCheck;
using FsCheck.Fluent;
using Processor.Worker.Transactions;

namespace Processor.Worker.Tests.Queues;

public class PartitionQueueProperties
{
    private static readonly Arbitrary<Step[]> AnySteps =
        (from kind in Gen.Elements("add", "add", "add", "early", "rubbish", "take", "finish", "put back", "dead letter", "time")
         from number in Gen.Choose(0, 50)
         select new Step(kind, number)).ArrayOf().ToArbitrary();

    [Fact]
    public void A_committable_offset_is_the_lowest_unfinished_one_whatever_happens_in_whatever_order() =>
        Prop.ForAll(AnySteps, steps =>
        {
            var run = new Run();
            foreach (var step in steps)
            {
                run.Do(step);
                Assert.Equal(run.LowestUnfinished, run.Queue.Committable);
                Assert.Equal(run.Unfinished.Count, run.Queue.Count);
            }

            run.FinishAll();
            Assert.Equal(run.Next, run.Queue.Committable);
            Assert.Equal(0, run.Queue.Span);
        }).QuickCheckThrowOnFailure();

    private sealed record Step(string Kind, int Number);

    /// <summary>A queue beside the plainest thing that could be right: a sorted set of what is not finished.</summary>
    private sealed class Run
    {
        private readonly List<(long Offset, long Ticket)> _rubbish = [];
        private IReadOnlyList<WaitingRecord> _batch = [];
        private long _now;

        public PartitionQueue Queue { get; } = new(0);

        public SortedSet<long> Unfinished { get; } = [];

        public long? Next { get; private set; }

        public long? LowestUnfinished => Unfinished.Count > 0 ? Unfinished.Min : Next;

        public void Do(Step step)
        {
            switch (step.Kind)
            {
                case "add": Add(_now + TimeSpan.TicksPerSecond * 30 + step.Number); break;
                case "early": Add(_now + (step.Number - 25) * TimeSpan.TicksPerSecond); break;
                case "rubbish": _rubbish.Add((Read(), Queue.AddDeadLetter(Next!.Value - 1))); break;
                case "take" when _batch.Count == 0: _batch = Queue.TakeDue(_now, step.Number); break;
                case "finish": End(putBack: 0); break;
                case "put back": End(putBack: step.Number); break;
                case "dead letter" when _rubbish.Count > 0: FinishRubbish(step.Number % _rubbish.Count); break;
                case "time": _now += step.Number * TimeSpan.TicksPerSecond; break;
            }
        }

        public void FinishAll()
        {
            End(putBack: 0);
            while (_rubbish.Count > 0) FinishRubbish(0);
            while ((_batch = Queue.TakeDue(long.MaxValue, 7)).Count > 0) End(putBack: 0);
        }

        private void Add(long due) => Queue.Add(new RecordOrigin(Read(), 0), due, "txn");

        // Offsets ascend with gaps, as in a compacted topic.
        private long Read()
        {
            var offset = (Next ?? 100) + (_now % 3);
            Next = offset + 1;
            Unfinished.Add(offset);
            return offset;
        }

        private void End(int putBack)
        {
            foreach (var record in _batch.Take(putBack)) Queue.PutBack(record, _now + putBack);
            foreach (var record in _batch.Skip(putBack))
            {
                Queue.Finish(record);
                Unfinished.Remove(record.Origin.Offset);
            }

            _batch = [];
            Queue.EndBatch();
        }

        private void FinishRubbish(int index)
        {
            Queue.FinishDeadLetter(_rubbish[index].Ticket);
            Unfinished.Remove(_rubbish[index].Offset);
            _rubbish.RemoveAt(index);
        }
    }
}
