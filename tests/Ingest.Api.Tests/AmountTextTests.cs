using System.Globalization;
using System.Text;
using static Ingest.Api.Requests.AmountText;

namespace Ingest.Api.Tests;

public sealed class AmountTextTests
{
    private static readonly string Zeros = new('0', 400);

    [Theory]
    [InlineData("1500", "1500", 0)]
    [InlineData("1500.00", "1500", 0)]
    [InlineData("150.50", "150.5", 1)]
    [InlineData("0.0001", "0.0001", 4)]
    [InlineData("999999999999999.9999", "999999999999999.9999", 4)]
    [InlineData("100000000000000", "100000000000000", 0)]
    [InlineData("1.50000000000000000000000000000", "1.5", 1)]
    [InlineData("0.00010000000000000000000000000", "0.0001", 4)]
    public void A_number_and_a_string_of_the_same_digits_are_the_same_exact_amount(string text, string amount, int decimals)
    {
        Assert.Equal((Fault.None, Decimal(amount), decimals), Number(text));
        Assert.Equal((Fault.None, Decimal(amount), decimals), String(text));
    }

    [Theory]
    [InlineData("1e0", "1", 0)]
    [InlineData("15E+2", "1500", 0)]
    [InlineData("1.5e-3", "0.0015", 4)]
    [InlineData("0.00000000000000000000000001e26", "1", 0)]
    [InlineData("123456789012345000000000000000e-15", "123456789012345", 0)]
    [InlineData("1e14", "100000000000000", 0)]
    [InlineData("1e00000000000000000000000000000002", "100", 0)]
    [InlineData("100e-0000000000000000000000000002", "1", 0)]
    public void A_number_may_have_an_exponent(string text, string amount, int decimals) =>
        Assert.Equal((Fault.None, Decimal(amount), decimals), Number(text));

    [Theory]
    [InlineData("1e999999999", nameof(Fault.TooLarge))]
    [InlineData("1e99999999999999999999999999", nameof(Fault.TooLarge))]
    [InlineData("1e15", nameof(Fault.TooLarge))]
    [InlineData("1000000000000000", nameof(Fault.TooLarge))]
    [InlineData("1234567890123456", nameof(Fault.TooLarge))]
    [InlineData("99999999999999999999999999999999999999", nameof(Fault.TooLarge))]
    [InlineData("1234567890123456.78901234567890", nameof(Fault.TooLarge))]
    [InlineData("1e-999999999", nameof(Fault.TooPrecise))]
    [InlineData("1e-99999999999999999999999999", nameof(Fault.TooPrecise))]
    [InlineData("0.00001", nameof(Fault.TooPrecise))]
    [InlineData("1.00001", nameof(Fault.TooPrecise))]
    [InlineData("999999999999999.99999", nameof(Fault.TooPrecise))]
    [InlineData("12345678901234567890123e-10", nameof(Fault.TooPrecise))]
    [InlineData("0", nameof(Fault.NotPositive))]
    [InlineData("0.0000", nameof(Fault.NotPositive))]
    [InlineData("0e999999999", nameof(Fault.NotPositive))]
    [InlineData("0e-99999999999999999999999999", nameof(Fault.NotPositive))]
    [InlineData("-0", nameof(Fault.NotPositive))]
    [InlineData("-1", nameof(Fault.NotPositive))]
    [InlineData("-1e999999999", nameof(Fault.NotPositive))]
    public void A_number_that_is_no_amount_is_told_what_is_wrong_with_it(string text, string fault) =>
        Assert.Equal((Enum.Parse<Fault>(fault), 0m, 0), Number(text));

    [Theory]
    [InlineData("", nameof(Fault.Malformed))]
    [InlineData(".", nameof(Fault.Malformed))]
    [InlineData("1.", nameof(Fault.Malformed))]
    [InlineData(".5", nameof(Fault.Malformed))]
    [InlineData("+1", nameof(Fault.Malformed))]
    [InlineData("--1", nameof(Fault.Malformed))]
    [InlineData("-", nameof(Fault.Malformed))]
    [InlineData("1e2", nameof(Fault.Malformed))]
    [InlineData("1.2.3", nameof(Fault.Malformed))]
    [InlineData("1,000", nameof(Fault.Malformed))]
    [InlineData("1_000", nameof(Fault.Malformed))]
    [InlineData(" 1", nameof(Fault.Malformed))]
    [InlineData("1 ", nameof(Fault.Malformed))]
    [InlineData("1\n", nameof(Fault.Malformed))]
    [InlineData("1\0", nameof(Fault.Malformed))]
    [InlineData("0x10", nameof(Fault.Malformed))]
    [InlineData("NaN", nameof(Fault.Malformed))]
    [InlineData("Infinity", nameof(Fault.Malformed))]
    [InlineData("١٢", nameof(Fault.Malformed))]
    [InlineData("1500 INR", nameof(Fault.Malformed))]
    [InlineData("-0", nameof(Fault.NotPositive))]
    [InlineData("-1.5", nameof(Fault.NotPositive))]
    [InlineData("000", nameof(Fault.NotPositive))]
    [InlineData("1000000000000000", nameof(Fault.TooLarge))]
    [InlineData("0.00001", nameof(Fault.TooPrecise))]
    public void A_string_is_digits_and_perhaps_a_point_and_digits(string text, string fault) =>
        Assert.Equal((Enum.Parse<Fault>(fault), 0m, 0), String(text));

    [Fact]
    public void Zeros_before_and_after_change_nothing_however_many()
    {
        Assert.Equal((Fault.None, 7.25m, 2), String($"{Zeros}7.25{Zeros}"));
        Assert.Equal((Fault.None, 7.25m, 2), Number($"7.25{Zeros}"));
        Assert.Equal((Fault.None, 7m, 0), Number($"7{Zeros}e-400"));
        Assert.Equal((Fault.None, 7m, 0), Number($"0.{Zeros}7e401"));
    }

    internal static (Fault, decimal, int) Number(string text) =>
        (ReadNumber(Encoding.UTF8.GetBytes(text), out var amount, out var decimals), amount, decimals);

    internal static (Fault, decimal, int) String(string text) =>
        (ReadString(Encoding.UTF8.GetBytes(text), out var amount, out var decimals), amount, decimals);

    private static decimal Decimal(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}
