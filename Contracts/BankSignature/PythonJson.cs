using System.Globalization;
using System.Runtime.InteropServices;

namespace Contracts;

/// <summary>
/// Reads a body as Python's <c>json.loads</c> does and prints it in the same pass as <c>json.dumps(..., separators=(',',':'), sort_keys=True)</c>.
/// Utf8JsonReader does not serve: it refuses NaN, and numbers and strings have to be read character by character anyway. It throws no exceptions, since
/// bodies that cannot be read are common.
/// </summary>
internal ref struct PythonJson(ReadOnlySpan<byte> body)
{
    /// <summary>Python refuses to make an int of more digits (sys.int_info.default_max_str_digits): it takes quadratic time there.</summary>
    private const int MaxIntegerDigits = 4_300;

    private static readonly int[] SignatureKey = [.. "signature".Select(letter => (int)letter)];

    private readonly List<byte> _text = new(body.Length);
    private readonly List<int> _key = [];
    private PythonText _body = new(body);

    /// <summary>The printed text.</summary>
    public readonly ReadOnlySpan<byte> Text => CollectionsMarshal.AsSpan(_text);

    /// <summary>The top object's member <c>signature</c>, which is not printed; null when there is none or it is no string.</summary>
    public string? Signature { get; private set; }

    /// <summary>The name of a member of which there was more than one in an object, at any depth; null when there was none.</summary>
    public string? Repeated { get; private set; }

    public bool TryReadObject()
    {
        _body.SkipSpace();
        if (_body.Peek() != '{' || !ReadObject(depth: 1)) return false;
        _body.SkipSpace();
        return _body.IsAtEnd;
    }

    private bool ReadValue(int depth) => _body.Peek() switch
    {
        '"' => _body.TryRead(_text, codePoints: null),
        '{' => depth < BankSignature.MaxDepth && ReadObject(depth + 1),
        '[' => depth < BankSignature.MaxDepth && ReadArray(depth + 1),
        'n' => ReadWord("null"u8),
        't' => ReadWord("true"u8),
        'f' => ReadWord("false"u8),
        'N' => ReadWord("NaN"u8),
        'I' => ReadWord("Infinity"u8),
        '-' => ReadWord("-Infinity"u8) || ReadNumber(),
        _ => ReadNumber(),
    };

    private bool ReadArray(int depth)
    {
        _body.Take('[');
        _text.Add((byte)'[');
        _body.SkipSpace();
        var isEmpty = _body.Peek() == ']';
        while (!isEmpty)
        {
            _body.SkipSpace();
            if (!ReadValue(depth)) return false;
            _body.SkipSpace();
            if (!_body.Take(',')) break;
            _text.Add((byte)',');
        }

        _text.Add((byte)']');
        return _body.Take(']');
    }

    private bool ReadObject(int depth)
    {
        _body.Take('{');
        var start = _text.Count;
        List<Member> members = [];
        _body.SkipSpace();
        var isEmpty = _body.Peek() == '}';
        while (!isEmpty)
        {
            _body.SkipSpace();
            if (!ReadMember(depth, members)) return false;
            _body.SkipSpace();
            if (!_body.Take(',')) break;
        }

        if (!_body.Take('}')) return false;
        PutInOrder(members, start, isTop: depth == 1);
        return true;
    }

    private bool ReadMember(int depth, List<Member> members)
    {
        var start = _text.Count;
        _key.Clear();
        if (_body.Peek() != '"' || !_body.TryRead(_text, _key)) return false;
        int[] key = [.. _key];
        _body.SkipSpace();
        if (!_body.Take(':')) return false;
        _text.Add((byte)':');
        _body.SkipSpace();
        var value = _text.Count;
        if (!ReadValue(depth)) return false;
        members.Add(new(key, start, value, _text.Count));
        return true;
    }

    /// <summary>Sorts the members that were printed from <paramref name="start"/> on in the order of the body.</summary>
    private void PutInOrder(List<Member> members, int start, bool isTop)
    {
        members.Sort();
        var printed = CollectionsMarshal.AsSpan(_text)[start..].ToArray();
        CollectionsMarshal.SetCount(_text, start);
        _text.Add((byte)'{');
        for (var i = 0; i < members.Count; i++)
        {
            var member = members[i];

            // Members with the same name are now adjacent, in the order of the body: a dict keeps the last.
            if (i + 1 < members.Count && member.HasKey(members[i + 1].Key))
            {
                Repeated ??= StoredText.Clean(string.Concat(member.Key.Select(TextOf)), maxLength: 200);
                continue;
            }

            if (isTop && member.HasKey(SignatureKey))
            {
                Signature = StringOf(printed.AsSpan(member.Value - start, member.End - member.Value));
                continue;
            }

            if (_text.Count > start + 1) _text.Add((byte)',');
            _text.AddRange(printed.AsSpan(member.Start - start, member.End - member.Start));
        }

        _text.Add((byte)'}');
    }

    // As printed: a character that had to be escaped is no hex digit, so the text cannot be a signature.
    private static string? StringOf(ReadOnlySpan<byte> printed) =>
        printed[0] == '"' ? System.Text.Encoding.ASCII.GetString(printed[1..^1]) : null;

    // An unpaired surrogate counts as a code point here.
    private static string TextOf(int codePoint) => codePoint is >= 0xd800 and <= 0xdfff ? ((char)codePoint).ToString() : char.ConvertFromUtf32(codePoint);

    private bool ReadWord(ReadOnlySpan<byte> word)
    {
        if (!_body.Rest.StartsWith(word)) return false;
        _body.Skip(word.Length);
        _text.AddRange(word);
        return true;
    }

    private bool ReadNumber()
    {
        var number = _body.Rest;
        _body.Take('-');
        var sign = number.Length - _body.Rest.Length;
        if (!_body.Take('0') && _body.SkipDigits() == 0) return false;
        var digits = number.Length - _body.Rest.Length - sign;
        var isInteger = true;
        if (_body.Take('.'))
        {
            isInteger = false;
            if (_body.SkipDigits() == 0) return false;
        }

        if (_body.Take('e') || _body.Take('E'))
        {
            isInteger = false;
            _ = _body.Take('+') || _body.Take('-');
            if (_body.SkipDigits() == 0) return false;
        }

        number = number[..^_body.Rest.Length];
        if (!isInteger) PythonFloat.Print(double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture), _text);
        else _text.AddRange(number.SequenceEqual("-0"u8) ? "0"u8 : number);
        return !isInteger || digits <= MaxIntegerDigits;
    }

    /// <summary>A member of an object: its name as code points, which is what Python sorts by, and where it was printed.</summary>
    private readonly record struct Member(int[] Key, int Start, int Value, int End) : IComparable<Member>
    {
        public bool HasKey(int[] key) => Key.AsSpan().SequenceEqual(key);

        public int CompareTo(Member other)
        {
            var byKey = Key.AsSpan().SequenceCompareTo(other.Key);
            return byKey != 0 ? byKey : Start.CompareTo(other.Start);
        }
    }
}
