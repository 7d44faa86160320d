using Microsoft.Extensions.Options;
using Processor.Worker.Transactions;
using Support;

namespace Processor.Worker.Tests.Queues;

public sealed class WakingTests : IDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(30);
    private static readonly Dictionary<string, TimeSpan> AllDone = [];

    private readonly FakeClock _clock = new();
    private readonly ProcessingOptions _options = new() { Gather = TimeSpan.Zero };
    private readonly WaitingTransactions _waiting;
    private long _offset;

    public WakingTests()
    {
        _waiting = new WaitingTransactions(Options.Create(_options), _clock);
        _waiting.Assign([0]);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _waiting.Dispose();

    [Fact]
    public async Task Waiting_ends_when_the_first_is_due()
    {
        Add("a");
        await _waiting.WaitAsync(Cancelled); // For the record itself: it is the first.
        var wait = _waiting.WaitAsync(Cancelled);
        _clock.Advance(Delay - TimeSpan.FromTicks(1));
        Assert.False(wait.IsCompleted);

        _clock.Advance(TimeSpan.FromTicks(1));
        await wait.WaitAsync(Cancelled);
    }

    [Fact]
    public async Task Waiting_ends_when_an_earlier_record_comes_and_not_when_a_later_one_does()
    {
        Add("a");
        await _waiting.WaitAsync(Cancelled);
        var wait = _waiting.WaitAsync(Cancelled);
        Add("later");
        Assert.False(wait.IsCompleted);

        Add("earlier", age: TimeSpan.FromSeconds(20));
        await wait.WaitAsync(Cancelled);
    }

    [Fact]
    public async Task Waiting_does_not_spin_while_all_that_is_due_is_in_flight()
    {
        Add("a", age: Delay);
        var batch = _waiting.TakeDue(10);
        Add("b", age: Delay);
        await _waiting.WaitAsync(Cancelled);

        var wait = _waiting.WaitAsync(Cancelled);
        Assert.False(wait.IsCompleted);
        _waiting.Finish(batch!, AllDone);
        await wait.WaitAsync(Cancelled);
    }

    private void Add(string id, TimeSpan age = default) =>
        Assert.True(_waiting.Add(0, new RecordOrigin(_offset++, 0), _clock.GetUtcNow() - age, id, 0));
}
