using System.Text;
using Confluent.Kafka;

namespace Faults.Poison;

/// <summary>One way in which a record can be wrong.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Reason">The reason under which it must be put aside.</param>
/// <param name="Make">Makes one for a transaction_id.</param>
internal sealed record PoisonKind(string Name, string Reason, Func<string, Message<byte[], byte[]>> Make)
{
    public const string Undecodable = "undecodable", Unknown = "unknown_transaction", UnknownPayment = "unknown_payment";

    /// <summary>2099-01-01, and a time that is no date: what a producer may write on a record, in milliseconds since 1970.</summary>
    public const long Year2099 = 4_070_908_800_000, NoDate = long.MaxValue / 2;

    private const string Accounts = "\"source_account\":\"acc_a\",\"destination_account\":\"acc_b\"";
    private const string Date = "2026-01-15T10:30:00Z";

    /// <summary>Kafka's own limit is 1,048,588 bytes for a batch: its header has 61 of them, the record's own fields and key some 30.</summary>
    private const int Largest = 1_048_450;

    /// <summary>As large as a broker takes.</summary>
    public static PoisonKind Oversized { get; } = new("oversized", Undecodable, id => Record(id, new string(' ', Largest)));

    /// <summary>Well-formed in everything, and nobody sent it.</summary>
    public static PoisonKind Nobodys { get; } = new("unknown transaction", Unknown, id => Record(id, Good(id)));

    /// <summary>All but the oversized ones, of which a broker that keeps 5 MB can take few.</summary>
    public static IReadOnlyList<PoisonKind> All { get; } =
    [
        new("truncated", Undecodable, id => Record(id, Good(id)[..^20])),
        new("wrong types", Undecodable, id => Record(id,
            $$"""{"transaction_id":"{{id}}","source_account":[],"destination_account":{},"amount":true,"currency":1,"created_at":0}""")),
        new("a NUL in a member's name", Undecodable, id => Record(id, "{\"\\u0000\":")),
        new("members missing", Undecodable, id => Record(id, $$"""{"transaction_id":"{{id}}"}""")),
        new("absurd amount", Undecodable, id => Record(id, Good(id, amount: "1e999999999"))),
        new("no text", Undecodable, id => new() { Key = Bytes(id), Value = [0xff, 0xfe, 0x00, 0xc0] }),
        new("a list", Undecodable, id => Record(id, $"[{Good(id)}]")),
        new("no key", Undecodable, id => new() { Key = null!, Value = Bytes(Good(id)) }),
        new("another's key", Undecodable, id => new() { Key = Bytes($"{id}x"), Value = Bytes(Good(id)) }),
        new("no body", Undecodable, id => new() { Key = Bytes(id), Value = null! }),
        new("empty body", Undecodable, id => new() { Key = Bytes(id), Value = [] }),
        new("no date", Undecodable, id => Record(id, Good(id, createdAt: "0001-01-01T00:00:00+14:00"))),
        new("from the future", Unknown, id => Record(id, Good(id, createdAt: "2099-01-01T00:00:00Z"), Year2099)),
        new("from the end of time", Unknown, id => Record(id, Good(id, createdAt: "9999-12-31T23:59:59.9999999Z"), NoDate)),
        new("from the beginning of time", Unknown, id => Record(id, Good(id, createdAt: "0001-01-01T00:00:00Z"), 1)),
        Nobodys,
    ];

    /// <summary>A record that is right, as Ingest.Api and the relay write it.</summary>
    public static string Good(string id, string amount = "\"12.50\"", string createdAt = Date) =>
        $$"""{"transaction_id":"{{id}}",{{Accounts}},"amount":{{amount}},"currency":"USD","created_at":"{{createdAt}}"}""";

    /// <summary>A record of text, keyed by its id.</summary>
    public static Message<byte[], byte[]> Record(string id, string body, long? timestampMs = null) => new()
    {
        Key = Bytes(id),
        Value = Bytes(body),
        Timestamp = timestampMs is { } at ? new Timestamp(at, TimestampType.CreateTime) : Timestamp.Default,
    };

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
