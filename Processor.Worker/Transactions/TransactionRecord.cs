using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Contracts;

namespace Processor.Worker.Transactions;

/// <summary>Reads what a worker needs out of a record of the topic transactions.</summary>
internal static class TransactionRecord
{
    /// <summary>Longer bodies are no transactions: the longest one, with every id at its 128 characters, is below 600 bytes.</summary>
    private const int MaxValueBytes = 16 * 1024;

    private const int MaxFaultLength = 500;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:~@-");

    /// <summary>Null when it can be read, else what is wrong with it.</summary>
    public static string? Read(Message<byte[], byte[]> message, out TransactionMessage? transaction)
    {
        transaction = null;
        if (message.Value is not { Length: > 0 } value) return "The record has no body.";
        if (value.Length > MaxValueBytes) return $"The body has {value.Length} bytes; a transaction has at most {MaxValueBytes}.";
        try
        {
            transaction = JsonSerializer.Deserialize(value, MessageJson.Default.TransactionMessage);
        }
        catch (JsonException exception)
        {
            return $"The body is no transaction: {Printable(exception.Message)}";
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

    /// <summary>No row can have another id; PostgreSQL would even refuse the whole batch for a NUL in it, again and again.</summary>
    private static bool IsId(string id) => id.Length is >= 1 and <= 128 && !id.AsSpan().ContainsAnyExcept(IdCharacters);

    /// <summary>System.Text.Json quotes the body's own member names, in which anything can stand; PostgreSQL takes no NUL and no lone surrogate.</summary>
    private static string Printable(string text) => string.Concat(text.Take(MaxFaultLength).Select(c => c is >= ' ' and <= '~' ? c : '?'));

    private static bool TryHeader(Headers headers, string name, [NotNullWhen(true)] out byte[]? value) =>
        headers.TryGetLastBytes(name, out value) && value is not null;
}
