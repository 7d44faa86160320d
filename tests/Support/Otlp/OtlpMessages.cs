using Google.Protobuf;

namespace Support.Otlp;

/// <summary>
/// Reads OTLP's messages field by field; the numbers are those of https://github.com/open-telemetry/opentelemetry-proto (v1).
/// Only what the tests ask for is kept.
/// </summary>
internal static class OtlpMessages
{
    public static IEnumerable<Span> Spans(ByteString export) => Scoped(export).Select(SpanOf);

    public static IEnumerable<LogRecord> Logs(ByteString export) => Scoped(export).Select(LogOf);

    public static IEnumerable<MetricPoint> Metrics(ByteString export) =>
        from metric in Scoped(export)
        let name = ProtoField.Text(metric.Item, 1)
        from data in ProtoField.ReadAll(metric.Item)
        where data.Number is 5 or 7 or 9 // gauge, sum, histogram
        from point in ProtoField.Messages(data.Bytes, 1)
        select data.Number is 9 ? HistogramOf(metric.Service, name, point) : NumberOf(metric.Service, name, point);

    // The three exports have one shape: [1] per resource { [1] resource, [2] per scope { [1] scope, [2] items } }.
    private static IEnumerable<(string Service, string Scope, ByteString Item)> Scoped(ByteString export) =>
        from resource in ProtoField.Messages(export, 1)
        let service = ServiceOf(resource)
        from scope in ProtoField.Messages(resource, 2)
        let name = ProtoField.Messages(scope, 1).Select(s => ProtoField.Text(s, 1)).FirstOrDefault("")
        from item in ProtoField.Messages(scope, 2)
        select (service, name, item);

    private static string ServiceOf(ByteString resource) =>
        ProtoField.Messages(resource, 1).SelectMany(r => Attributes(r, 1)).FirstOrDefault(a => a.Key == "service.name").Value as string ?? "";

    private static Span SpanOf((string Service, string Scope, ByteString Item) span) => new(
        span.Service,
        span.Scope,
        ProtoField.Text(span.Item, 5),
        (SpanKind)ProtoField.Number64(span.Item, 6),
        ProtoField.Hex(span.Item, 1),
        ProtoField.Hex(span.Item, 2),
        ProtoField.Hex(span.Item, 4),
        [.. ProtoField.Messages(span.Item, 13).Select(link => new SpanLink(ProtoField.Hex(link, 1), ProtoField.Hex(link, 2)))],
        Attributes(span.Item, 9),
        ProtoField.Messages(span.Item, 15).Any(status => ProtoField.Number64(status, 3) == 2));

    private static LogRecord LogOf((string Service, string Scope, ByteString Item) log) => new(
        log.Service,
        log.Scope,
        ProtoField.Hex(log.Item, 9),
        ProtoField.Hex(log.Item, 10),
        ProtoField.Messages(log.Item, 5).Select(ValueOf).FirstOrDefault()?.ToString() ?? "",
        Attributes(log.Item, 6));

    private static MetricPoint NumberOf(string service, string name, ByteString point)
    {
        var isDouble = ProtoField.ReadAll(point).Any(field => field.Number == 4);
        var value = isDouble ? ProtoField.Double(point, 4) : (long)ProtoField.Number64(point, 6);
        return new(service, name, value, 1, Attributes(point, 7));
    }

    private static MetricPoint HistogramOf(string service, string name, ByteString point) =>
        new(service, name, ProtoField.Double(point, 5), (long)ProtoField.Number64(point, 4), Attributes(point, 9));

    private static Dictionary<string, object?> Attributes(ByteString message, int number)
    {
        var attributes = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var pair in ProtoField.Messages(message, number))
            attributes[ProtoField.Text(pair, 1)] = ProtoField.Messages(pair, 2).Select(ValueOf).FirstOrDefault();
        return attributes;
    }

    // AnyValue: one of string, bool, int, double, array; the rest (maps, bytes) no test asks for.
    private static object? ValueOf(ByteString any) => ProtoField.ReadAll(any).Select(field => field.Number switch
    {
        1 => field.Bytes.ToStringUtf8(),
        2 => field.Bits != 0,
        3 => (long)field.Bits,
        4 => BitConverter.UInt64BitsToDouble(field.Bits),
        5 => string.Join(',', ProtoField.Messages(field.Bytes, 1).Select(ValueOf)),
        _ => (object?)null,
    }).FirstOrDefault();
}

/// <summary>One field of a protobuf message as it stands on the wire.</summary>
internal readonly record struct ProtoField(int Number, ulong Bits, ByteString Bytes)
{
    public static IEnumerable<ProtoField> ReadAll(ByteString message)
    {
        using var input = message.CreateCodedInput();
        while (input.ReadTag() is var tag and not 0) yield return Read(input, tag);
    }

    public static IEnumerable<ByteString> Messages(ByteString message, int number) =>
        ReadAll(message).Where(field => field.Number == number).Select(field => field.Bytes);

    public static string Text(ByteString message, int number) => BytesOf(message, number).ToStringUtf8();

    public static string Hex(ByteString message, int number) => Convert.ToHexStringLower(BytesOf(message, number).Span);

    public static ulong Number64(ByteString message, int number) =>
        ReadAll(message).Where(field => field.Number == number).Select(field => field.Bits).FirstOrDefault();

    public static double Double(ByteString message, int number) => BitConverter.UInt64BitsToDouble(Number64(message, number));

    private static ByteString BytesOf(ByteString message, int number) => Messages(message, number).FirstOrDefault(ByteString.Empty);

    private static ProtoField Read(CodedInputStream input, uint tag) => (tag & 7, (int)(tag >> 3)) switch
    {
        (0, var number) => new(number, input.ReadUInt64(), ByteString.Empty),
        (1, var number) => new(number, input.ReadFixed64(), ByteString.Empty),
        (2, var number) => new(number, 0, input.ReadBytes()),
        (5, var number) => new(number, input.ReadFixed32(), ByteString.Empty),
        (var type, var number) => throw new InvalidDataException($"OTLP: field {number} has wire type {type}, which protobuf 3 does not use."),
    };
}
