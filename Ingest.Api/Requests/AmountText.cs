using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Contracts;

namespace Ingest.Api.Requests;

/// <summary>
/// Reads a decimal exactly from the bytes of a JSON number or of a decimal string, without a double in between and without ever
/// multiplying out an exponent: <c>1e999999999</c> costs as much as <c>1</c>.
/// </summary>
internal static class AmountText
{
    /// <summary>numeric(19,4): what the column holds.</summary>
    public const int MaxIntegerDigits = 15, MaxDecimals = 4;

    /// <summary>What is allowed, to be read after a field's name.</summary>
    public const string Rule = "must be a number or a decimal string such as 250.00";

    /// <summary>Why a text is not an amount.</summary>
    public enum Fault { None, Malformed, NotPositive, TooLarge, TooPrecise }

    /// <summary>The fault in words, to be read after the field's name; null for none.</summary>
    /// <param name="fault">What is wrong with the text.</param>
    /// <param name="currency">The currency that the amount is in.</param>
    /// <param name="rule">What to say of a text that is no number at all.</param>
    public static string? Explain(Fault fault, Currency currency, string rule) => fault switch
    {
        Fault.None => null,
        Fault.NotPositive => "must be greater than 0",
        Fault.TooLarge => $"must have at most {MaxIntegerDigits} digits before the point",
        Fault.TooPrecise => $"has more decimals than {currency.Code}, which has {currency.Decimals}",
        _ => rule,
    };

    /// <summary>The amount of a JSON number or string, or what is wrong with it, to be read after the field's name.</summary>
    public static (decimal Amount, string? Fault) Of(JsonElement element, Currency currency)
    {
        var (amount, decimals) = (0m, 0);
        var fault = element.ValueKind switch
        {
            JsonValueKind.Number => ReadNumber(JsonMarshal.GetRawUtf8Value(element), out amount, out decimals),
            JsonValueKind.String => ReadString(Encoding.UTF8.GetBytes(JsonMembers.TextOf(element) ?? ""), out amount, out decimals),
            _ => Fault.Malformed,
        };
        if (fault == Fault.None && decimals > currency.Decimals) fault = Fault.TooPrecise;
        return (amount, Explain(fault, currency, Rule));
    }

    /// <summary>Reads a JSON number (its grammar is checked by the JSON reader already), exponents included.</summary>
    public static Fault ReadNumber(ReadOnlySpan<byte> text, out decimal amount, out int decimals)
    {
        var exponent = 0;
        if (text.IndexOfAny((byte)'e', (byte)'E') is var e and >= 0)
        {
            // An exponent that an int cannot hold is as large or as small as any: it is too large, too precise, or the amount is 0.
            var digits = text[(e + 1)..];
            if (digits[0] == '+') digits = digits[1..];
            if (!Utf8Parser.TryParse(digits, out exponent, out _) || exponent is > 1_000_000 or < -1_000_000)
                exponent = digits[0] == '-' ? -1_000_000 : 1_000_000;
            text = text[..e];
        }

        return Read(text, exponent, out amount, out decimals);
    }

    /// <summary>Reads a decimal string: digits, and perhaps a point and digits. A sign is read too, to say what is wrong with it.</summary>
    public static Fault ReadString(ReadOnlySpan<byte> text, out decimal amount, out int decimals)
    {
        (amount, decimals) = (0, 0);
        var digits = text is [(byte)'-', ..] ? text[1..] : text;
        var point = digits.IndexOf((byte)'.');
        var whole = point < 0 ? digits : digits[..point];
        var isDecimal = whole.Length > 0 && !whole.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && (point < 0 || (point < digits.Length - 1 && !digits[(point + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9')));
        return isDecimal ? Read(text, 0, out amount, out decimals) : Fault.Malformed;
    }

    private static Fault Read(ReadOnlySpan<byte> text, int exponent, out decimal amount, out int decimals)
    {
        (amount, decimals) = (0, 0);
        if (text[0] == '-') return Fault.NotPositive;

        // The value is (digits) * 10^power, with zeros at either end of the digits taken off.
        Span<byte> digits = stackalloc byte[MaxIntegerDigits + MaxDecimals];
        var count = 0; // Goes on when there are too many to keep: where the point stands among them tells which fault it is.
        var power = exponent;
        var zeros = 0; // Seen after the last digit counted; they count only when another digit follows.
        var afterPoint = false;
        foreach (var c in text)
        {
            if (c == '.')
            {
                afterPoint = true;
                continue;
            }

            if (afterPoint) power--;
            if (c == '0')
            {
                zeros++;
                continue;
            }

            if (count == 0) zeros = 0;
            for (; zeros > 0; zeros--) Keep(digits, count++, 0);
            Keep(digits, count++, (byte)(c - '0'));
        }

        return count == 0 ? Fault.NotPositive : Compose(digits, count, power + zeros, out amount, out decimals);
    }

    private static void Keep(Span<byte> digits, int index, byte digit)
    {
        if (index < digits.Length) digits[index] = digit;
    }

    private static Fault Compose(ReadOnlySpan<byte> digits, int count, int power, out decimal amount, out int decimals)
    {
        (amount, decimals) = (0, 0);
        if (count + power > MaxIntegerDigits) return Fault.TooLarge;
        if (-power > MaxDecimals) return Fault.TooPrecise;

        // What has come this far has no more digits than were kept.
        ulong value = 0;
        foreach (var digit in digits[..count]) value = value * 10 + digit;
        for (; power > 0; power--) value *= 10;
        decimals = -power;
        amount = new decimal((int)value, (int)(value >> 32), 0, isNegative: false, (byte)decimals);
        return Fault.None;
    }
}
