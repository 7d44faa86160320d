using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Processor.Worker.Payments;
using Processor.Worker.Work;

namespace Processor.Worker.Tests.Work;

public sealed class WorkQueueTests : IDisposable
{
    private static readonly HashSet<int> None = [], All = [0, 1];

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly WorkQueue<long, ClaimedPayment> _queue;

    public WorkQueueTests() => _queue = new(
        new("payments", "unknown", 1, TimeSpan.FromSeconds(1), null!, null!, null!, null!), _services.GetRequiredService<IMeterFactory>());

    public void Dispose() => _services.Dispose();

    [Fact]
    public void No_partition_is_read_once_too_much_waits_until_nothing_does()
    {
        for (var offset = 0; offset < WorkQueue<long, ClaimedPayment>.MaxWaiting; offset++) _queue.Take(RecordAt(0, offset));
        Assert.Empty(_queue.Full(All, None));

        _queue.Take(RecordAt(1, 0));
        Assert.Equal(All, _queue.Full(All, None));

        while (_queue.Records.Count > 1) _queue.Records.TryRead(out _);
        Assert.Equal(All, _queue.Full(All, All));
        _queue.Records.TryRead(out _);
        Assert.Empty(_queue.Full(All, All));
    }

    [Fact]
    public void A_revoked_partition_gives_its_offset_and_stores_no_more()
    {
        _queue.Pass([RecordAt(0, 41), RecordAt(1, 7)]);

        Assert.Equal([(0, 42L)], _queue.Revoked([0]));

        Assert.Equal([(1, 8L)], _queue.Committable());
    }

    private static ConsumeResult<byte[], WorkRecord<long, ClaimedPayment>> RecordAt(int partition, long offset) => new()
    {
        TopicPartitionOffset = new("payments", partition, offset),
        Message = new() { Value = new(1, null, null) },
    };
}
