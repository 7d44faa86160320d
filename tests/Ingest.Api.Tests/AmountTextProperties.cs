using System.Globalization;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using static Ingest.Api.Requests.AmountText;

namespace Ingest.Api.Tests;

/// <summary>Against arithmetic on whole numbers: what a text means is its digits times a power of ten.</summary>
public sealed class AmountTextProperties
{
    private static readonly Gen<string> Digits =
        from length in Gen.Choose(1, 26)
        from digits in Gen.Elements("0123456789000".ToCharArray()).ArrayOf(length)
        select new string(digits);

    /// <summary>A JSON number: no zeros in front, point and exponent as they come.</summary>
    private static readonly Gen<Written> AnyNumber =
        from whole in Digits
        from fraction in Gen.OneOf(Gen.Constant(""), Digits)
        from exponent in Gen.Choose(-40, 40)
        from form in Gen.Elements("e", "E", "e+", "E+", "e-", "e-0", "e+000", "")
        select Write(whole.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0", fraction, exponent, form);

    private static readonly Gen<Written> AnyString =
        from whole in Digits
        from fraction in Gen.OneOf(Gen.Constant(""), Digits)
        select Write(whole, fraction, 0, "");

    /// <summary>An amount that the column holds, its point moved anywhere and an exponent that moves it back.</summary>
    private static readonly Gen<(decimal Amount, string Text)> AnyAmount =
        from tenThousandths in Gen.Choose(1, int.MaxValue)
        from high in Gen.OneOf(Gen.Constant(0), Gen.Choose(0, int.MaxValue))
        from shift in Gen.Choose(0, 30)
        from zeros in Gen.Choose(0, 5)
        let value = (long)high << 31 | (long)tenThousandths
        let digits = value.ToString(CultureInfo.InvariantCulture).PadLeft(shift + 1, '0')
        select (value / 10_000m, $"{digits[..^shift]}.{digits[^shift..]}{new string('0', zeros + 1)}e{shift - 4}");

    [Fact]
    public void Any_amount_written_any_way_reads_back_exactly() => Prop.ForAll(Arb.From(AnyAmount), written =>
    {
        var (fault, amount, decimals) = AmountTextTests.Number(written.Text);
        return fault == Fault.None && amount == written.Amount && decimals == amount.Scale;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Any_number_means_its_digits_times_its_power_of_ten_or_is_refused_for_the_right_reason() =>
        Prop.ForAll(Arb.From(AnyNumber), written => AmountTextTests.Number(written.Text) == Meaning(written))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void Any_decimal_string_means_what_it_says_or_is_refused_for_the_right_reason() =>
        Prop.ForAll(Arb.From(AnyString), written => AmountTextTests.String(written.Text) == Meaning(written))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    private static Written Write(string whole, string fraction, int exponent, string form)
    {
        var signed = form switch
        {
            "" => 0,
            _ when form.Contains('-', StringComparison.Ordinal) => -Math.Abs(exponent),
            _ when form.Length == 1 => exponent,
            _ => Math.Abs(exponent),
        };
        var tail = form switch { "" => "", { Length: 1 } => $"{form}{exponent}", _ => $"{form}{Math.Abs(exponent)}" };
        var digits = BigInteger.Parse(whole + fraction, CultureInfo.InvariantCulture);
        return new($"{whole}{(fraction.Length > 0 ? $".{fraction}" : "")}{tail}", digits, signed - fraction.Length);
    }

    private static (Fault, decimal, int) Meaning(Written written)
    {
        var (digits, power) = (written.Digits, written.Power);
        if (digits.IsZero) return (Fault.NotPositive, 0, 0);
        for (; digits % 10 == 0; digits /= 10) power++;
        if (digits.ToString(CultureInfo.InvariantCulture).Length + power > 15) return (Fault.TooLarge, 0, 0);
        if (power < -4) return (Fault.TooPrecise, 0, 0);
        var amount = power >= 0 ? (decimal)(digits * BigInteger.Pow(10, power)) : (decimal)digits / (decimal)BigInteger.Pow(10, -power);
        return (Fault.None, amount, Math.Max(0, -power));
    }

    /// <summary>A text and what it says: <paramref name="Digits"/> times ten to the <paramref name="Power"/>.</summary>
    private sealed record Written(string Text, BigInteger Digits, int Power);
}
