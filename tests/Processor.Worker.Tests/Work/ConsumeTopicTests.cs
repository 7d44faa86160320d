using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Processor.Worker.Kafka;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Work;

public sealed class ConsumeTopicTests : IDisposable
{
    private readonly Reader _reader = new();
    private readonly PartitionAssignment<byte[]> _assignment;
    private readonly Lock _lock = new();
    private readonly HashSet<int> _paused = [];
    private readonly Dictionary<int, long> _stored = [];
    private List<TopicPartition> _assigned = [new("payments", 0)];
    private readonly SemaphoreSlim _polled = new(0);
    private Action? _onPoll;
    private volatile bool _isClosed, _isCommitted;

    public ConsumeTopicTests() => _assignment = new(_reader, NullLogger<PartitionAssignment<byte[]>>.Instance);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _polled.Dispose();

    [Fact]
    public async Task Partitions_that_are_assigned_while_all_are_paused_are_paused_too_and_all_are_read_again_when_there_is_room()
    {
        _reader.IsFull = true;
        using var consuming = Consuming();
        await consuming.StartAsync(Cancelled);
        await UntilPausedAsync(0);

        await PollAsync(() =>
        {
            _assigned = [new("payments", 0), new("payments", 1)];
            _assignment.Assigned([new("payments", 1)]);
        });
        await UntilPausedAsync(0, 1);

        _reader.IsFull = false;
        await UntilPausedAsync();
        await consuming.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_partition_that_goes_and_comes_back_while_all_are_paused_is_paused_again()
    {
        _reader.IsFull = true;
        using var consuming = Consuming();
        await consuming.StartAsync(Cancelled);
        await UntilPausedAsync(0);

        await PollAsync(() =>
        {
            _paused.Clear(); // librdkafka forgets the pause with the assignment.
            _assignment.Assigned([new("payments", 0)]);
        });

        await UntilPausedAsync(0);
        await consuming.StopAsync(Cancelled);
    }

    [Fact]
    public async Task What_may_be_committed_is_stored_before_the_consumer_is_closed()
    {
        using var consuming = Consuming(new FakeTimeProvider()); // Time stands still: after the first poll nothing is stored but by the stop.
        await consuming.StartAsync(Cancelled);
        await PollAsync(() => { });
        await PollAsync(() => { });
        await PollAsync(() => _reader.Offsets = [(0, 42)]);

        await consuming.StopAsync(Cancelled);

        Assert.True(_isClosed);
        lock (_lock) Assert.Equal(42, _stored[0]);
    }

    [Fact]
    public void What_is_done_in_a_revoked_partition_is_stored_and_left_to_librdkafka_to_commit()
    {
        _reader.Offsets = [(0, 42)];

        _assignment.Revoked(KafkaStub.Of<IConsumer<byte[], byte[]>>(Answer), [new("payments", 0, Offset.Unset)]);

        lock (_lock) Assert.Equal(42, _stored[0]);
        Assert.False(_isCommitted); // From within librdkafka's call a commit was once never answered.
    }

    [Fact]
    public async Task The_thread_has_left_its_consumer_when_it_is_disposed_of()
    {
        var consuming = Consuming();
        await consuming.StartAsync(Cancelled);
        await PollAsync(() => { });

        consuming.Dispose();

        Assert.True(_isClosed);
    }

    private ConsumeTopic<byte[]> Consuming(TimeProvider? clock = null) => new(
        KafkaStub.Of<IConsumer<byte[], byte[]>>(Answer), _reader, _assignment, clock ?? TimeProvider.System, NullLogger<ConsumeTopic<byte[]>>.Instance);

    private object? Answer(string method, object?[] arguments)
    {
        if (method == "Consume") _polled.Wait(TimeSpan.FromMilliseconds(10)); // A poll waits for something to happen.
        lock (_lock)
        {
            switch (method)
            {
                case "Consume":
                    _onPoll?.Invoke();
                    _onPoll = null;
                    return null;
                case "get_Assignment":
                    return _assigned;
                case "Pause":
                    _paused.UnionWith(Partitions(arguments));
                    return null;
                case "Resume":
                    _paused.ExceptWith(Partitions(arguments));
                    return null;
                case "StoreOffset":
                    var stored = (TopicPartitionOffset)arguments[0]!;
                    _stored[stored.Partition.Value] = stored.Offset.Value;
                    return null;
                case "GetWatermarkOffsets":
                    return new WatermarkOffsets(Offset.Unset, Offset.Unset);
                case "Commit":
                    _isCommitted = true;
                    return null;
                case "Close":
                    _isClosed = true;
                    return null;
                default:
                    return null;
            }
        }
    }

    private static IEnumerable<int> Partitions(object?[] arguments) =>
        ((IEnumerable<TopicPartition>)arguments[0]!).Select(partition => partition.Partition.Value);

    /// <summary>Runs within the next poll, on the consumer's thread, as librdkafka calls its handlers.</summary>
    private async Task PollAsync(Action onPoll)
    {
        var polled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _onPoll = () =>
            {
                onPoll();
                polled.SetResult();
            };
        }

        _polled.Release();
        await polled.Task.WaitAsync(Cancelled);
    }

    private Task UntilPausedAsync(params int[] partitions) => Eventually.TrueAsync(
        _ =>
        {
            lock (_lock) return Task.FromResult(_paused.SetEquals(partitions));
        },
        Cancelled);

    private sealed class Reader : ITopicReader<byte[]>
    {
        public volatile bool IsFull;

        public string Topic => "payments";

        public string? Off => null;

        public IReadOnlyList<(int Partition, long Offset)> Offsets { get; set; } = [];

        public void Take(ConsumeResult<byte[], byte[]> record)
        {
        }

        public IReadOnlySet<int> Full(IReadOnlySet<int> assigned, IReadOnlySet<int> paused) => IsFull ? assigned : new HashSet<int>();

        public IReadOnlyList<(int Partition, long Offset)> Committable() => Offsets;

        public void LagIs(long records)
        {
        }

        public void Assigned(IReadOnlyCollection<int> partitions)
        {
        }

        public IReadOnlyList<(int Partition, long Offset)> Revoked(IReadOnlyCollection<int> partitions) => Offsets;

        public void Lost(IReadOnlyCollection<int> partitions)
        {
        }
    }
}
