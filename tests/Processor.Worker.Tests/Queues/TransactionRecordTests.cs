using System.Text;
using Confluent.Kafka;
using Contracts;
using Processor.Worker.Transactions;

namespace Processor.Worker.Tests.Queues;

public class TransactionRecordTests
{
    private const string Good =
        """{"transaction_id":"txn_1","source_account":"a","destination_account":"b","amount":"1.50","currency":"USD","created_at":"2026-01-15T10:30:00Z"}""";

    [Fact]
    public void A_transaction_is_read()
    {
        Assert.Null(TransactionRecord.Read(Record("txn_1", Good), out var transaction));
        Assert.Equal(("txn_1", 1.50m), (transaction!.TransactionId, transaction.Amount));
    }

    public static TheoryData<string, string?, string?> Rubbish => new()
    {
        { "no body", "txn_1", null },
        { "empty", "txn_1", "" },
        { "null", "txn_1", "null" },
        { "truncated", "txn_1", Good[..40] },
        { "another type", "txn_1", "[1,2,3]" },
        { "a member is missing", "txn_1", """{"transaction_id":"txn_1"}""" },
        { "a member is null", "txn_1", Good.Replace("\"txn_1\"", "null", StringComparison.Ordinal) },
        { "no number", "txn_1", Good.Replace("1.50", "1.5.0", StringComparison.Ordinal) },
        { "a number no decimal holds", "txn_1", Good.Replace("\"1.50\"", "1e999999999", StringComparison.Ordinal) },
        { "no date", "txn_1", Good.Replace("2026-01-15T10:30:00Z", "yesterday", StringComparison.Ordinal) },
        { "a date beyond the calendar", "txn_1", Good.Replace("2026-", "99999-", StringComparison.Ordinal) },
        { "a lone surrogate", "txn_1", Good.Replace("txn_1", "\\ud800", StringComparison.Ordinal) },
        { "an unknown member with a NUL in its name", "txn_1", "{\"a\\u0000\\ud800\":[}" },
        { "nested too deep", "txn_1", new string('[', 2000) },
        { "too long", "txn_1", Good + new string(' ', 17_000) },
        { "no key", null, Good },
        { "another key", "txn_2", Good },
        { "an id with a NUL, which PostgreSQL takes in no text", "a\0b", Good.Replace("txn_1", "a\\u0000b", StringComparison.Ordinal) },
        { "an empty id", "", Good.Replace("txn_1", "", StringComparison.Ordinal) },
        { "an id that is too long", new string('x', 129), Good.Replace("txn_1", new string('x', 129), StringComparison.Ordinal) },
    };

    [Theory]
    [MemberData(nameof(Rubbish))]
    public void What_is_no_transaction_is_said_to_be_none_in_a_text_that_any_table_takes(string kind, string? key, string? value)
    {
        var fault = TransactionRecord.Read(Record(key, value), out _);

        Assert.True(fault is { Length: > 0 and < 600 }, kind);
        Assert.DoesNotContain(fault, c => c is < ' ' or > '~');
    }

    [Fact]
    public void Any_bytes_are_read_without_an_exception()
    {
        var random = new Random(20260115);
        var good = Encoding.UTF8.GetBytes(Good);
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var changes = random.Next(1, 6); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            TransactionRecord.Read(new Message<byte[], byte[]> { Key = [1], Value = bytes[..random.Next(bytes.Length + 1)] }, out _);
        }
    }

    [Fact]
    public void The_span_of_the_traceparent_header_is_kept_as_a_number()
    {
        var headers = new Headers { { MessageHeaders.TraceParent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"u8.ToArray() } };
        Assert.Equal(0xb7ad6b7169203331, TransactionRecord.SendSpan(headers));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rubbish")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    public void A_traceparent_that_is_none_is_no_span(string value)
    {
        Assert.Equal(0UL, TransactionRecord.SendSpan(new Headers { { MessageHeaders.TraceParent, Encoding.ASCII.GetBytes(value) } }));
        Assert.Equal(0UL, TransactionRecord.SendSpan(new Headers { { MessageHeaders.TraceParent, null } }));
        Assert.Equal(0UL, TransactionRecord.SendSpan(null));
    }

    private static Message<byte[], byte[]> Record(string? key, string? value) => new()
    {
        Key = key is null ? null! : Encoding.UTF8.GetBytes(key),
        Value = value is null ? null! : Encoding.UTF8.GetBytes(value),
    };
}
