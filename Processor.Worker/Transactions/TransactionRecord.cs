using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Contracts;

namespace Processor.Worker.Transactions;

/// <summary>Decodes a record of the topic transactions.</summary>
internal static class TransactionRecord
{
    /// <summary>The longest transaction, with every id at its 128 characters, has less than 600 bytes.</summary>
    private const int MaxValueBytes = 16 * 1024;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:~@-");

    /// <summary>Decodes a record; null, or what is wrong with it in one sentence.</summary>
    public static string? Read(Message<byte[], byte[]> message, out TransactionMessage? transaction)
    {
        transaction = null;
        if (message.Value is not { Length: > 0 } value) return "The record has no body.";
        if (value.Length > MaxValueBytes) return $"The body has {value.Length} bytes; a transaction has at most {MaxValueBytes}.";
        try
        {
            transaction = JsonSerializer.Deserialize(value, MessageJson.Default.TransactionMessage);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half of a surrogate pair. The message quotes the body's own member names.
            return $"The body is not a transaction: {StoredText.Clean(exception.Message)}";
        }

        if (transaction is null) return "The body is null.";
        if (!IsId(transaction.TransactionId)) return "The transaction_id is not 1-128 characters of [A-Za-z0-9._:~@-].";
        if (message.Key is null) return "The record has no key; it must be the transaction_id.";
        return Encoding.UTF8.GetString(message.Key) == transaction.TransactionId ? null : "The key is not the body's transaction_id.";
    }

    /// <summary>The span id of its traceparent header as a number; 0 when there is none.</summary>
    public static ulong SendSpan(Headers? headers)
    {
        if (headers is null || !TryHeader(headers, MessageHeaders.TraceParent, out var bytes)) return 0;
        if (!ActivityContext.TryParse(Encoding.ASCII.GetString(bytes), null, out var context)) return 0;
        Span<byte> span = stackalloc byte[sizeof(ulong)];
        context.SpanId.CopyTo(span);
        return BinaryPrimitives.ReadUInt64BigEndian(span);
    }

    /// <summary>No row has an id of another form, and PostgreSQL would refuse a whole batch for a NUL in one.</summary>
    private static bool IsId(string id) => id.Length is >= 1 and <= 128 && !id.AsSpan().ContainsAnyExcept(IdCharacters);

    private static bool TryHeader(Headers headers, string name, [NotNullWhen(true)] out byte[]? value) =>
        headers.TryGetLastBytes(name, out value) && value is not null;
}
