using Confluent.Kafka;

namespace Faults.Poison;

/// <summary>The ways in which a record of the topic <c>payments</c> can be wrong. Its id is a number that no payment has.</summary>
internal static class PaymentPoison
{
    private const string Undecodable = PoisonKind.Undecodable, Unknown = PoisonKind.UnknownPayment;

    /// <summary>All but the oversized ones.</summary>
    public static IReadOnlyList<PoisonKind> All { get; } =
    [
        new("truncated", Undecodable, id => PoisonKind.Record(id, Good(id)[..^3])),
        new("a NUL in a member's name", Undecodable, id => PoisonKind.Record(id, "{\"\\u0000\":")),
        new("half a surrogate pair in a member's name", Undecodable, id => PoisonKind.Record(id, "{\"\\ud800\":1,")),
        new("bad UTF-8", Undecodable, id => Bare(id, [.. PoisonKind.Bytes("{\"payment_id\":\""), 0xc3, 0x28, (byte)'"', (byte)'}'])),
        new("no text", Undecodable, id => Bare(id, [0xff, 0xfe, 0x00, 0xc0])),
        new("wrong types", Undecodable, id => PoisonKind.Record(id, "{\"payment_id\":{},\"user_id\":[]}")),
        new("members missing", Undecodable, id => PoisonKind.Record(id, $$"""{"payment_id":{{id}}}""")),
        new("absurd id", Undecodable, id => PoisonKind.Record(id, Good("1e999999999"))),
        new("no such id", Undecodable, id => PoisonKind.Record(id, Good("0"))),
        new("a list", Undecodable, id => PoisonKind.Record(id, $"[{Good(id)}]")),
        new("no body", Undecodable, id => Bare(id, null!)),
        new("empty body", Undecodable, id => Bare(id, [])),
        new("no key", Unknown, id => new() { Key = null!, Value = PoisonKind.Bytes(Good(id)) }),
        new("another's key", Unknown, id => PoisonKind.Record($"{id}0", Good(id))),
        new("from the future", Unknown, id => PoisonKind.Record(id, Good(id), PoisonKind.Year2099)),
        new("from the end of time", Unknown, id => PoisonKind.Record(id, Good(id), PoisonKind.NoDate)),
        new("unknown payment", Unknown, id => PoisonKind.Record(id, Good(id))),
    ];

    private static string Good(string id) => $$"""{"payment_id":{{id}},"user_id":1}""";

    private static Message<byte[], byte[]> Bare(string id, byte[] body) => new() { Key = PoisonKind.Bytes(id), Value = body };
}
