using System.Buffers;
using System.Globalization;
using System.Text;

namespace Contracts;

/// <summary>The body as far as it has been read, and its strings: read as <c>json.loads</c>, printed as <c>json.dumps</c> does with ASCII alone.</summary>
internal ref struct PythonText(ReadOnlySpan<byte> body)
{
    /// <summary>What stands in a string as itself, in the body and when printed. Not DEL: Python escapes it.</summary>
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Where(c => c is not ('"' or '\\')).Select(c => (byte)c)]);

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);
    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);
    private static readonly SearchValues<byte> Space = SearchValues.Create(" \t\n\r"u8);

    public ReadOnlySpan<byte> Rest { get; private set; } = body;

    public readonly bool IsAtEnd => Rest.IsEmpty;

    /// <summary>The next byte, or -1.</summary>
    public readonly int Peek() => Rest.IsEmpty ? -1 : Rest[0];

    public void Skip(int count) => Rest = Rest[count..];

    public bool Take(char next)
    {
        if (Peek() != next) return false;
        Skip(1);
        return true;
    }

    public void SkipSpace() => SkipAll(Space);

    public int SkipDigits() => SkipAll(Digits);

    /// <summary>Reads the string that begins here.</summary>
    /// <param name="text">Where it is printed, with its quotes.</param>
    /// <param name="codePoints">Takes the string's characters; null when they are not needed. A lone surrogate is one, as in Python.</param>
    public bool TryRead(List<byte> text, List<int>? codePoints)
    {
        Take('"');
        text.Add((byte)'"');
        while (true)
        {
            var plain = Rest.IndexOfAnyExcept(Plain);
            if (plain < 0) return false;
            text.AddRange(Rest[..plain]);
            foreach (var letter in codePoints is null ? default : Rest[..plain]) codePoints!.Add(letter);
            Skip(plain);
            if (Take('"')) break;
            if (!TryReadCharacter(out var codePoint)) return false;
            Print(codePoint, text);
            codePoints?.Add(codePoint);
        }

        text.Add((byte)'"');
        return true;
    }

    private int SkipAll(SearchValues<byte> bytes)
    {
        var count = Rest.IndexOfAnyExcept(bytes);
        if (count < 0) count = Rest.Length;
        Skip(count);
        return count;
    }

    private bool TryReadCharacter(out int codePoint)
    {
        codePoint = Peek();
        if (codePoint == '\\') return TryReadEscape(out codePoint);
        if (Rune.DecodeFromUtf8(Rest, out var rune, out var length) != OperationStatus.Done) return false;
        Skip(length);
        codePoint = rune.Value;
        return codePoint >= ' ';
    }

    private bool TryReadEscape(out int codePoint)
    {
        if (TryReadUnit(out codePoint))
        {
            var afterHigh = this;
            if (!char.IsHighSurrogate((char)codePoint) || !afterHigh.TryReadUnit(out var low) || !char.IsLowSurrogate((char)low)) return true;
            this = afterHigh;
            codePoint = char.ConvertToUtf32((char)codePoint, (char)low);
            return true;
        }

        if (Rest.Length < 2) return false;
        codePoint = Rest[1] switch
        {
            (byte)'"' or (byte)'\\' or (byte)'/' => Rest[1],
            (byte)'b' => '\b',
            (byte)'f' => '\f',
            (byte)'n' => '\n',
            (byte)'r' => '\r',
            (byte)'t' => '\t',
            _ => -1,
        };
        Skip(2);
        return codePoint >= 0;
    }

    // \uXXXX, one UTF-16 code unit.
    private bool TryReadUnit(out int unit)
    {
        unit = -1;

        // Looked at first: int.Parse takes NULs after the digits.
        if (Rest.Length < 6 || !Rest.StartsWith("\\u"u8) || Rest[2..6].ContainsAnyExcept(HexDigits)) return false;
        unit = int.Parse(Rest[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        Skip(6);
        return true;
    }

    private static void Print(int codePoint, List<byte> text)
    {
        switch (codePoint)
        {
            case '"' or '\\': text.AddRange([(byte)'\\', (byte)codePoint]); break;
            case '\b': text.AddRange("\\b"u8); break;
            case '\f': text.AddRange("\\f"u8); break;
            case '\n': text.AddRange("\\n"u8); break;
            case '\r': text.AddRange("\\r"u8); break;
            case '\t': text.AddRange("\\t"u8); break;
            case >= ' ' and <= '~': text.Add((byte)codePoint); break;
            case <= char.MaxValue: PrintUnit(codePoint, text); break;
            default:
                PrintUnit((codePoint - 0x10000 >> 10) + 0xD800, text);
                PrintUnit((codePoint & 0x3FF) + 0xDC00, text);
                break;
        }
    }

    private static void PrintUnit(int unit, List<byte> text)
    {
        Span<byte> printed = [(byte)'\\', (byte)'u', 0, 0, 0, 0];
        unit.TryFormat(printed[2..], out _, "x4", CultureInfo.InvariantCulture);
        text.AddRange(printed);
    }
}
