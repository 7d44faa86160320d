using System.Text;
using System.Text.Json;

namespace Faults.Access;

/// <summary>Something that must be seen nowhere, in no form in which it might be written.</summary>
internal sealed record Secret(string Name, string Text)
{
    private const string WebhookPrefix = "whsec_";
    private const int Around = 60;

    /// <summary>As it is, as URLs, JSON, base64 and hex show it; of a webhook's secret also the key in it.</summary>
    public IReadOnlyList<string> Forms { get; } = [.. AllForms(Text).Distinct(StringComparer.Ordinal)];

    /// <summary>Where it stands in a text, with what stands around it; null: nowhere.</summary>
    public string? FindIn(string text)
    {
        foreach (var form in Forms)
        {
            var at = text.IndexOf(form, StringComparison.Ordinal);
            if (at < 0) continue;
            var end = Math.Min(text.Length, at + form.Length + Around);
            return $"{text[Math.Max(0, at - Around)..at]}<{Name}>{text[(at + form.Length)..end]}";
        }

        return null;
    }

    private static IEnumerable<string> AllForms(string text)
    {
        if (text.StartsWith(WebhookPrefix, StringComparison.Ordinal))
        {
            yield return text[WebhookPrefix.Length..];
            foreach (var form in FormsOf(Convert.FromBase64String(text[WebhookPrefix.Length..]))) yield return form;
        }

        yield return text;
        yield return Uri.EscapeDataString(text);
        yield return JsonEncodedText.Encode(text).ToString();
        foreach (var form in FormsOf(Encoding.UTF8.GetBytes(text))) yield return form;
    }

    private static IEnumerable<string> FormsOf(byte[] bytes) =>
        [Convert.ToBase64String(bytes).TrimEnd('='), Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes)];
}
