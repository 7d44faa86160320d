using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Data.Webhooks;

/// <summary>The payload of an event: what an endpoint gets, what the log shows, what a receiver that polls reads. The same bytes each time.</summary>
public static class EventBody
{
    /// <summary>What <see cref="IdOf"/> writes, as a regular expression, for documents.</summary>
    public const string IdPattern = "^evt_[0-9a-f]{32}$";

    private const string IdPrefix = "evt_";

    /// <summary>The event's id outside: <c>evt_</c> and 32 hex digits. It is the header <c>webhook-id</c> of every attempt.</summary>
    public static string IdOf(Guid eventId) => $"{IdPrefix}{eventId:N}";

    /// <summary>Reads what <see cref="IdOf"/> wrote; null for another text.</summary>
    public static Guid? ParseId(string text) =>
        text.StartsWith(IdPrefix, StringComparison.Ordinal) && Guid.TryParseExact(text.AsSpan(IdPrefix.Length), "N", out var id) ? id : null;

    /// <summary>Writes the payload of an event that is fanned out, UTF-8.</summary>
    /// <param name="row">The event, with its data.</param>
    /// <param name="style">One of <see cref="PayloadStyle"/>.</param>
    public static byte[] Of(WebhookEvent row, string style)
    {
        var data = Encoding.UTF8.GetBytes(row.Data ?? throw new ArgumentException($"Event {row.Id} has no data: it is not fanned out yet.", nameof(row)));
        return style == PayloadStyle.Flat && row.Type.StartsWith("charge.", StringComparison.Ordinal) ? Flat(row.Type, data) : Envelope(row, data);
    }

    private static byte[] Envelope(WebhookEvent row, byte[] data)
    {
        var body = new ArrayBufferWriter<byte>(data.Length + 192);
        using (var json = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteString("id", IdOf(row.Id));
            json.WriteString("type", row.Type);
            json.WriteString("timestamp", row.CreatedAt.UtcDateTime);
            json.WriteNumber("sequence", row.Sequence);
            json.WritePropertyName("data");
            json.WriteRawValue(data, skipInputValidation: true);
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    private static byte[] Flat(string type, byte[] data)
    {
        using var charge = JsonDocument.Parse(data);
        var root = charge.RootElement;
        var body = new ArrayBufferWriter<byte>(data.Length);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("event_type", type);
            Copy("charge_id", "id");
            string[] same = ["customer_id", "amount", "currency", "status", "payment_method", "external_charge_id"];
            foreach (var name in same) Copy(name, name);
            json.WritePropertyName("split_instructions");
            WriteSplit(json, root.GetProperty("split_instructions"));
            Copy("created_at", "created_at");
            WriteMetadata(json, root);
            json.WriteEndObject();

            void Copy(string name, string from)
            {
                json.WritePropertyName(name);
                root.GetProperty(from).WriteTo(json);
            }
        }

        return body.WrittenSpan.ToArray();
    }

    // The receivers of this style declare an object, and answer an array with 422.
    private static void WriteSplit(Utf8JsonWriter json, JsonElement split)
    {
        if (split.ValueKind != JsonValueKind.Array)
        {
            split.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        json.WritePropertyName("splits");
        split.WriteTo(json);
        json.WriteEndObject();
    }

    // They require both ids there, whatever the caller's own metadata has.
    private static void WriteMetadata(Utf8JsonWriter json, JsonElement charge)
    {
        string[] ids = ["installment_id", "installment_order_id"];
        json.WriteStartObject("metadata");
        foreach (var member in charge.GetProperty("metadata").EnumerateObject().Where(member => !ids.Contains(member.Name))) member.WriteTo(json);
        foreach (var name in ids)
        {
            json.WritePropertyName(name);
            charge.GetProperty(name).WriteTo(json);
        }

        json.WriteEndObject();
    }
}
