using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Ingest.Api.Requests;

/// <summary>Members that are kept as they were sent: JSON objects and arrays, and ids in UUID form.</summary>
internal static class KeptMembers
{
    /// <summary>The largest JSON text of one member, in bytes of UTF-8.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>The caller's own data: a JSON object as it was sent, <c>{}</c> when it is left out or null.</summary>
    public static string Metadata(this JsonMembers members, string name)
    {
        if (members.Find(name) is not { ValueKind: not JsonValueKind.Null } member) return "{}";
        if (member.ValueKind != JsonValueKind.Object) members.Refuse(name, "must be an object, such as {\"order\":\"A-17\"}");
        return member.ValueKind == JsonValueKind.Object ? members.Keep(name, member) ?? "{}" : "{}";
    }

    /// <summary>The JSON text of a member; null, and refused, when it is too large or has text that cannot be stored.</summary>
    public static string? Keep(this JsonMembers members, string name, JsonElement member)
    {
        var text = member.GetRawText();
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > MaxBytes)
        {
            members.Refuse(name, string.Create(CultureInfo.InvariantCulture, $"has {bytes:#,0} bytes of JSON; at most {MaxBytes:#,0} are kept"));
            return null;
        }

        if (!JsonMeaning.IsText(member))
        {
            members.Refuse(name, "has text that cannot be kept: \\u0000, or half of a surrogate pair (\\ud800-\\udfff)");
            return null;
        }

        members.Take(name, JsonMeaning.Of(member));
        return text;
    }

    /// <summary>A UUID that may be left out or null.</summary>
    public static Guid? OptionalUuid(this JsonMembers members, string name) =>
        members.OptionalText(name, "must be a UUID, such as 019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f", text => Guid.TryParseExact(text, "D", out _)) is { } uuid
            ? Guid.ParseExact(uuid, "D")
            : null;
}

/// <summary>Query parameters in the place of a body.</summary>
internal static class QueryMembers
{
    /// <summary>The parameters as members, each a string; one that came more than once is refused.</summary>
    public static JsonMembers Of(IQueryCollection query, params string[] names)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var name in names.Where(query.ContainsKey)) writer.WriteString(name, $"{query[name]}");
            writer.WriteEndObject();
        }

        var members = JsonMembers.Read(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)).Members!;
        foreach (var name in names.Where(name => query[name].Count > 1)) members.Refuse(name, $"came {query[name].Count} times; send it once");
        return members;
    }
}

/// <summary>JSON by what it means, for comparing a repeated request with the first.</summary>
internal static class JsonMeaning
{
    /// <summary>
    /// The same text for values that mean the same: members in the order of their names, no white space, numbers without zeros at the end, text without
    /// escapes.
    /// </summary>
    public static string Of(JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) Write(writer, value);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>Whether every name and string in it is text: no U+0000 and no half of a surrogate pair.</summary>
    public static bool IsText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(member => !member.Name.Contains('\0', StringComparison.Ordinal) && IsText(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(IsText),
        JsonValueKind.String => JsonMembers.TextOf(value) is { } text && !text.Contains('\0', StringComparison.Ordinal),
        _ => true,
    };

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number when decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number):
                writer.WriteRawValue(number.ToString("0.############################", CultureInfo.InvariantCulture));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
