using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Contracts;

namespace Processor.Worker.Kafka;

/// <summary>Makes records, and the spans of sending and processing them by OpenTelemetry's conventions for messaging.</summary>
internal static class KafkaMessage
{
    /// <summary>A record with headers of UTF-8 text.</summary>
    public static Message<byte[], byte[]> Of(byte[]? key, byte[]? value, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        var message = new Message<byte[], byte[]> { Key = key!, Value = value!, Headers = [] };
        foreach (var (name, text) in headers) message.Headers.Add(name, Encoding.UTF8.GetBytes(text));
        return message;
    }

    /// <summary>An event's record, with the trace it belongs to.</summary>
    /// <param name="eventType">One of <see cref="EventTypes"/>.</param>
    /// <param name="key">Text; records of one key are in order.</param>
    /// <param name="value">The body.</param>
    /// <param name="traceParent">The sending span, or the trace of the row; null for none.</param>
    public static Message<byte[], byte[]> OfEvent(string eventType, string key, byte[] value, string? traceParent) => traceParent is null
        ? Of(Encoding.UTF8.GetBytes(key), value, (MessageHeaders.EventType, eventType))
        : Of(Encoding.UTF8.GetBytes(key), value, (MessageHeaders.EventType, eventType), (MessageHeaders.TraceParent, traceParent));

    /// <summary>A span of sending to a topic.</summary>
    public static Activity? StartSend(ActivitySource source, string topic, ActivityContext parent, string key)
    {
        var span = Tag(source.StartActivity($"send {topic}", ActivityKind.Producer, parent), "send", topic);
        span?.SetTag("messaging.kafka.message.key", key);
        return span;
    }

    /// <summary>A span of processing a record of a topic.</summary>
    public static Activity? StartProcess(
        ActivitySource source, string topic, ActivityContext parent, IEnumerable<ActivityLink>? links = null, DateTimeOffset startTime = default) =>
        Tag(source.StartActivity($"process {topic}", ActivityKind.Consumer, parent, links: links, startTime: startTime), "process", topic);

    /// <summary>A span of working on a row whose record was read: in the trace of the request that created the row, or the begin of one.</summary>
    /// <param name="source">The capability's.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="traceParent">The row's; null for none.</param>
    public static Activity? StartProcess(ActivitySource source, string topic, string? traceParent)
    {
        if (!source.HasListeners()) return null;
        Activity.Current = null;
        _ = ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        return StartProcess(source, topic, parent);
    }

    /// <summary>The root span of a batch of records, a trace of its own: it belongs to many.</summary>
    public static Activity? StartBatch(ActivitySource source, string topic, int count)
    {
        if (!source.HasListeners()) return null;
        Activity.Current = null;
        var span = Tag(source.StartActivity($"process {topic} batch", ActivityKind.Consumer), "process", topic);
        span?.SetTag("messaging.batch.message_count", count);
        return span;
    }

    private static Activity? Tag(Activity? span, string operation, string topic) => span?
        .SetTag("messaging.system", "kafka")
        .SetTag("messaging.operation.type", operation)
        .SetTag("messaging.destination.name", topic);
}
