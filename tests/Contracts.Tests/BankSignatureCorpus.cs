using System.Globalization;
using System.Text;

namespace Contracts.Tests;

/// <summary>Bodies as a bank, a stranger or an enemy may send them: mostly JSON, written in every way that JSON allows, some of it broken.</summary>
internal sealed class BankSignatureCorpus(Random random)
{
    private static readonly string[] Names =
    [
        "transaction_id", "bank_reference", "status", "error_message", "signature",
        "a", "A", "b", "ab", "", "é", "\uffff", "\ue000", "\U0001F600", "\U00010000", "\u007f",
    ];

    // Where floating point is hard: limits, halves, powers of two whose shortest digits are ambiguous.
    private static readonly double[] Doubles =
        [0, 1, 1e15, 1e16, 1e17, 1e21, 1e22, 1e23, 9007199254740993, 0.1, 0.3, 1e-4, 1e-5, 1e-7, 5e-324, double.MaxValue, 2.2250738585072014e-308, Math.PI];

    private static readonly string[] Words =
        ["null", "true", "false", "NaN", "Infinity", "-Infinity", "-0", "-0.0", "1e999", "-1e999", "0e0", "1E400", "1e-400"];

    private readonly StringBuilder _body = new();

    public byte[] NextBody()
    {
        _body.Clear();
        Space();
        if (Once(50)) Value(depth: 5);
        else Object(depth: 0);
        Space();
        var body = Encoding.UTF8.GetBytes(_body.ToString());
        return Once(6) ? Broken(body) : body;
    }

    private void Value(int depth)
    {
        switch (random.Next(depth > 5 ? 6 : 9))
        {
            case 0: Integer(); break;
            case 1 or 2: Float(); break;
            case 3: _body.Append(One(Words)); break;
            case 4 or 5: String(Text()); break;
            case 6 or 7: Object(depth + 1); break;
            default: List('[', ']', () => Value(depth + 1)); break;
        }
    }

    private void Object(int depth) => List('{', '}', () =>
    {
        String(Once(3) ? Text() : One(Names));
        Space();
        _body.Append(':');
        Space();
        Value(depth);
    });

    private void List(char open, char close, Action item)
    {
        _body.Append(open);
        Space();
        for (var left = random.Next(7); left > 0; left--)
        {
            item();
            Space();
            if (left > 1) _body.Append(',');
            Space();
        }

        _body.Append(close);
    }

    private void Integer()
    {
        var digits = Once(40) ? random.Next(4_290, 4_310) : Once(4) ? random.Next(1, 60) : random.Next(1, 6);
        Sign();
        _body.Append(random.Next(1, 10));
        Digits(digits - 1);
    }

    private void Float()
    {
        var value = random.Next(4) switch
        {
            0 => One(Doubles),
            1 => Math.ScaleB(random.Next(1, 4), random.Next(-1074, 1022)),
            2 => Math.Round(random.NextDouble() * 10_000, 2),
            _ => BitConverter.Int64BitsToDouble(random.NextInt64()),
        };
        if (Once(3) || !double.IsFinite(value)) FloatOfDigits();
        else _body.Append((Once(2) ? value : -value).ToString(One(["R", "E16", "E17", "e3", "F6", "E40"]), CultureInfo.InvariantCulture));
    }

    private void FloatOfDigits()
    {
        Sign();
        _body.Append(random.Next(10));
        if (!Once(3))
        {
            _body.Append('.');
            Digits(Once(20) ? random.Next(1, 900) : random.Next(1, 25));
        }

        _body.Append(One(["e", "E", "e+", "E+", "e-", "E-"])).Append(random.Next(Once(4) ? 400 : 30));
    }

    private void Digits(int count)
    {
        for (; count > 0; count--) _body.Append(random.Next(10));
    }

    private void Sign() => _body.Append(Once(3) ? "-" : "");

    private string Text()
    {
        var text = new StringBuilder();
        for (var left = random.Next(12); left > 0; left--) text.Append(Letter());
        return text.ToString();
    }

    private string Letter() => random.Next(9) switch
    {
        0 => ((char)random.Next(' ')).ToString(),
        1 => One(["\"", "\\", "/", "\u007f", "\u0080", "\u2028", "\u2029", "\ufeff", "\uffff"]),
        2 => ((char)random.Next(0xA0, 0x800)).ToString(),
        3 => ((char)random.Next(0x800, 0xD800)).ToString(),
        4 => char.ConvertFromUtf32(random.Next(0x10000, 0x110000)),
        5 => Once(4) ? ((char)random.Next(0xD800, 0xE000)).ToString() : "x",
        _ => ((char)random.Next(' ', 0x7f)).ToString(),
    };

    /// <summary>A letter stands as itself, by its short escape or by its number: where JSON leaves the choice, by chance.</summary>
    private void String(string text)
    {
        _body.Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            var isPair = char.IsHighSurrogate(letter) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (letter >= ' ' && letter is not ('"' or '\\') && (isPair || !char.IsSurrogate(letter)) && !Once(6))
            {
                _body.Append(letter);
                if (isPair) _body.Append(text[++i]);
            }
            else if (Short(letter) is { } escape && Once(2)) _body.Append('\\').Append(escape);
            else _body.Append("\\u").Append(((int)letter).ToString(One(["x4", "X4"]), CultureInfo.InvariantCulture));
        }

        _body.Append('"');
    }

    private static char? Short(char letter) => letter switch
    {
        '"' or '\\' or '/' => letter,
        '\b' => 'b',
        '\f' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        _ => null,
    };

    private byte[] Broken(byte[] body)
    {
        var at = random.Next(body.Length);
        var piece = Encoding.UTF8.GetBytes(One(
            [",", ":", "\"", "\\", "{", "}", "[", "]", "0", "-", ".", "e", "\u00a0", "\ufeff", "\0", " ", "//", "NaN", "\\u00", "\ud83d"]));
        return random.Next(5) switch
        {
            0 => body[..at],
            1 => [.. body[..at], .. body[(at + 1)..]],
            2 => [.. body[..at], (byte)random.Next(256), .. body[(at + 1)..]],
            3 => [.. body, .. piece],
            _ => [.. body[..at], .. piece, .. body[at..]],
        };
    }

    private void Space()
    {
        while (Once(4)) _body.Append(One([" ", "\n", "\t", "\r"]));
    }

    private bool Once(int times) => random.Next(times) == 0;

    private T One<T>(T[] of) => of[random.Next(of.Length)];
}
