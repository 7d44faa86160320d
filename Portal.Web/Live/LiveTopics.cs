using Microsoft.Extensions.Options;
using Portal.Web.Api;

namespace Portal.Web.Live;

/// <summary>What is polled for pages that move by themselves.</summary>
/// <param name="Key">What makes two pages show the same.</param>
/// <param name="ReadAsync">Reads it once.</param>
public sealed record LiveSource<T>(TopicKey Key, Func<CancellationToken, Task<ApiResult<T>>> ReadAsync)
{
    /// <summary>
    /// Takes a value for changed only when this of it is different: an answer that says when it was read is never the same, and pages would render for nothing.
    /// </summary>
    public LiveSource<T> ComparedBy(Func<T, string> fingerprintOf) => this with
    {
        ReadAsync = async cancellationToken =>
        {
            var result = await ReadAsync(cancellationToken);
            return result.Value is { } value ? result with { Fingerprint = fingerprintOf(value) } : result;
        },
    };
}

/// <summary>What a topic is of. The credential is a part of it, so that nobody is shown what another's credential has read.</summary>
public sealed record TopicKey(string Credential, string Path)
{
    /// <summary>Without the credential: this text may reach a log.</summary>
    public override string ToString() => Path;
}

/// <summary>The state of a topic.</summary>
/// <param name="Value">The last value that was read; null before the first.</param>
/// <param name="Problem">Why the last read failed; null when it did not. The value is then stale.</param>
/// <param name="ReadAt">When the value was read.</param>
public sealed record Live<T>(T? Value, ApiProblem? Problem, DateTimeOffset ReadAt)
{
    /// <summary>The cursor of the next page, where the header Link has it.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>
/// One poller a topic, however many pages show it: each read is handed to all of them. A topic is read every <see cref="PortalOptions.LiveInterval"/> while
/// somebody shows it, and for <see cref="Linger"/> longer: a page is first rendered by a request and then taken over by its circuit, which finds the value
/// there. More pages, and slower reads, make each page's reads rarer and not the load higher: at most <see cref="MaxReads"/> run at the same time, a topic is
/// being read for at most a <see cref="ReadShare"/>th of the time, and at most <see cref="MaxRendersPerSecond"/> pages a second are drawn for it. (500 pages
/// left 0.82 of the intake before, and 1.0 since; docs/performance.md.)
/// </summary>
internal sealed partial class LiveTopics(TimeProvider clock, IOptions<PortalOptions> options, ILogger<LiveTopics> logger) : IAsyncDisposable
{
    /// <summary>A browser takes over within seconds, or not at all.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(10);

    /// <summary>However slow a read is, and however many pages show it.</summary>
    internal static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    internal const int ReadShare = 20;
    internal const int MaxRendersPerSecond = 50;
    private const int MaxReads = 8;

    private readonly ILogger _logger = logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<(TopicKey, Type), object> _topics = [];
    private readonly SemaphoreSlim _reads = new(MaxReads);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>The topics that are polled now.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _topics.Count;
        }
    }

    /// <summary>Returns the topic's state, which is read now if nobody shows it.</summary>
    public Task<Live<T>> ReadAsync<T>(LiveSource<T> source) => TopicOf(source).FirstAsync;

    /// <summary>Calls <paramref name="changed"/>, from any thread, whenever the topic's state has changed, until the result is disposed.</summary>
    public IDisposable Subscribe<T>(LiveSource<T> source, Action<Live<T>> changed) => TopicOf(source).Add(changed);

    /// <summary>Reads the topic now: what shows it has just changed it.</summary>
    public void Refresh<T>(LiveSource<T> source) => TopicOf(source).Wake();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _stopping.Dispose();
        _reads.Dispose();
    }

    private LiveTopic<T> TopicOf<T>(LiveSource<T> source)
    {
        lock (_lock)
        {
            if (_topics.TryGetValue((source.Key, typeof(T)), out var known)) return ((LiveTopic<T>)known).Touch();
            var topic = new LiveTopic<T>(source, clock, options.Value.LiveInterval, Linger, _reads, exception => NotRead($"{source.Key}", exception));
            _topics.Add((source.Key, typeof(T)), topic);
            _ = RunAsync(topic, (source.Key, typeof(T)));
            return topic;
        }
    }

    private async Task RunAsync<T>(LiveTopic<T> topic, (TopicKey, Type) key)
    {
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                await topic.ReadAsync(_stopping.Token);
                await topic.WaitAsync(_stopping.Token);
                lock (_lock)
                {
                    if (!topic.IsOver) continue;
                    _topics.Remove(key);
                    topic.Dispose();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The portal stops, and its pages with it.
        }
    }

    [LoggerMessage(302, LogLevel.Error, "A live page could not be read: {Topic}")]
    private partial void NotRead(string topic, Exception exception);
}
