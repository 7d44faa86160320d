using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Portal.Web.Ui;

/// <summary>JSON that others wrote, for people.</summary>
internal static class JsonText
{
    // Razor escapes what is put into a page; escaping here as well would only make names with accents hard to read.
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The same with line breaks and indentation; empty for what is not there.</summary>
    public static string Pretty(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Undefined) return "";
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Readable)) json.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Whether there is nothing in it: none, null, {} or [].</summary>
    public static bool IsEmpty(JsonElement? json) => json is not { } value || value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => true,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };
}
