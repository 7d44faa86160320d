using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Portal.Web.Api;
using Portal.Web.Live;
using Support;

namespace Portal.Web.Tests.Live;

public sealed class LiveTopicsTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly FakeClock _clock = new();
    private readonly LiveTopics _topics;

    public LiveTopicsTests() => _topics =
        new(_clock, Options.Create(new PortalOptions { LiveInterval = Interval }), NullLogger<LiveTopics>.Instance);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _topics.DisposeAsync();

    [Fact]
    public async Task However_many_pages_show_a_topic_it_is_read_once_and_all_are_told()
    {
        var source = new Source("alice");
        var pages = Enumerable.Range(0, 20).Select(_ => new Page()).ToList();
        foreach (var page in pages) page.Show(_topics, source.Live);
        foreach (var page in pages) Assert.Equal("1", (await page.NextAsync()).Value);

        await TickAsync();

        foreach (var page in pages) Assert.Equal("2", (await page.NextAsync()).Value);
        Assert.Equal((2, 1), (source.Reads, _topics.Count));
    }

    [Fact]
    public async Task Two_credentials_never_share_what_is_read()
    {
        var (alice, bob) = (new Source("alice", read => $"alice's {read}"), new Source("bob", read => $"bob's {read}"));

        var (hers, his) = (await _topics.ReadAsync(alice.Live), await _topics.ReadAsync(bob.Live));

        Assert.Equal(("alice's 1", "bob's 1"), (hers.Value, his.Value));
        Assert.Equal((1, 1, 2), (alice.Reads, bob.Reads, _topics.Count));
    }

    [Fact]
    public async Task A_topic_that_nobody_shows_any_more_is_read_no_more()
    {
        var source = new Source("alice");
        var page = new Page();
        page.Show(_topics, source.Live);
        await page.NextAsync();
        page.Close();

        for (var i = 0; i < 5; i++) await TickAsync();
        await Eventually.GetAsync(_ => Task.FromResult(_topics.Count), count => count == 0, Stop);
        var reads = source.Reads;
        _clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(reads, source.Reads);
        Assert.Equal($"{reads + 1}", (await _topics.ReadAsync(source.Live)).Value);
    }

    [Fact]
    public async Task A_page_that_its_circuit_takes_over_finds_the_value_there()
    {
        var source = new Source("alice");
        await _topics.ReadAsync(source.Live);
        await TickAsync(); // The browser takes its time: nobody is subscribed.
        await source.ReadAsync(2);

        var page = new Page();
        page.Show(_topics, source.Live);

        Assert.NotNull((await page.NextAsync()).Value);
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public async Task An_answer_that_did_not_change_tells_nobody()
    {
        var source = new Source("alice", read => read < 3 ? "same" : "other");
        var page = new Page();
        page.Show(_topics, source.Live);
        await page.NextAsync();

        await TickAsync();
        await source.ReadAsync(2);
        await TickAsync();

        Assert.Equal("other", (await page.NextAsync()).Value);
        Assert.Equal(3, source.Reads);
    }

    [Fact]
    public async Task A_read_that_fails_keeps_the_value_and_says_how_old_it_is()
    {
        var source = new Source("alice", read => read == 2 ? null : "value");
        var page = new Page();
        page.Show(_topics, source.Live);
        var first = await page.NextAsync();

        await TickAsync();
        var stale = await page.NextAsync();
        await TickAsync();
        var again = await page.NextAsync();

        Assert.Equal(("value", "unreachable", first.ReadAt), (stale.Value, stale.Problem?.Code, stale.ReadAt));
        Assert.Equal(("value", null, first.ReadAt + (2 * Interval)), (again.Value, again.Problem?.Code, again.ReadAt));
    }

    [Fact]
    public async Task A_read_that_throws_is_shown_as_a_problem_and_the_next_one_is_made()
    {
        var source = new Source("alice", read => read == 1 ? throw new InvalidOperationException("A fault of the portal's own.") : "value");
        var page = new Page();
        page.Show(_topics, source.Live);

        var first = await page.NextAsync();
        await TickAsync();

        Assert.Equal((null, "portal_error"), (first.Value, first.Problem?.Code));
        Assert.Equal("value", (await page.NextAsync()).Value);
    }

    [Fact]
    public async Task A_page_that_changed_something_does_not_wait_for_the_interval()
    {
        var source = new Source("alice");
        var page = new Page();
        page.Show(_topics, source.Live);
        await page.NextAsync();

        _topics.Refresh(source.Live);

        Assert.Equal("2", (await page.NextAsync()).Value);
    }

    [Theory]
    [InlineData(20, 2, "a quick read keeps to the interval")]
    [InlineData(500, 10, "a slow one is read for a twentieth of the time")]
    [InlineData(60_000, 30, "and still twice a minute")]
    public async Task A_read_that_is_slow_twice_is_made_more_rarely(int milliseconds, int seconds, string because)
    {
        var source = new Source("alice", read =>
        {
            if (read <= 2) _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            return $"{read}";
        });
        new Page().Show(_topics, source.Live);

        Assert.Equal(Interval, await WaitBeforeAsync(source, read: 2)); // The first read alone says nothing: it compiles.
        Assert.True(await WaitBeforeAsync(source, read: 3) == TimeSpan.FromSeconds(seconds), because);
    }

    [Fact]
    public async Task A_topic_of_very_many_pages_is_read_more_rarely()
    {
        var source = new Source("alice");
        foreach (var page in Enumerable.Range(0, 250).Select(_ => new Page())) page.Show(_topics, source.Live);
        await WaitBeforeAsync(source, read: 2); // That wait began when the first page was there.

        Assert.Equal(TimeSpan.FromSeconds(5), await WaitBeforeAsync(source, read: 3)); // 50 pages a second.
    }

    private async Task<TimeSpan> WaitBeforeAsync(Source source, int read)
    {
        var waited = TimeSpan.Zero;
        while (true)
        {
            await _clock.WaitForTimersAsync(1, Stop);
            if (source.Reads >= read) return waited;
            _clock.Advance(TimeSpan.FromSeconds(1));
            waited += TimeSpan.FromSeconds(1);
        }
    }

    private async Task TickAsync()
    {
        await _clock.WaitForTimersAsync(1, Stop);
        _clock.Advance(Interval);
    }

    /// <summary>Counts how often it is read, and answers that number unless the test says otherwise; null fails.</summary>
    private sealed class Source
    {
        private readonly ConcurrentDictionary<int, TaskCompletionSource> _reached = [];
        private int _reads;

        public Source(string credential, Func<int, string?>? answer = null) => Live = new(new(credential, "/list"), _ =>
        {
            var read = Interlocked.Increment(ref _reads);
            var text = answer is null ? $"{read}" : answer(read);
            Reached(read).TrySetResult();
            return Task.FromResult<ApiResult<string>>(
                text is null ? new(null, new(0, "unreachable", "No answer.", null)) : new(text, null, Fingerprint: text));
        });

        public LiveSource<string> Live { get; }

        public int Reads => Volatile.Read(ref _reads);

        public Task ReadAsync(int number) => Reached(number).Task.WaitAsync(Stop);

        private TaskCompletionSource Reached(int number) => _reached.GetOrAdd(number, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    /// <summary>A page that shows a topic.</summary>
    private sealed class Page
    {
        private readonly Channel<Live<string>> _told = Channel.CreateUnbounded<Live<string>>();
        private IDisposable? _subscription;

        public void Show(LiveTopics topics, LiveSource<string> source) => _subscription = topics.Subscribe(source, live => _told.Writer.TryWrite(live));

        public async Task<Live<string>> NextAsync() => await _told.Reader.ReadAsync(Stop);

        public void Close() => _subscription?.Dispose();
    }
}
