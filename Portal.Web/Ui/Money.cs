using System.Globalization;

namespace Portal.Web.Ui;

/// <summary>Amounts that the API answers as JSON numbers: a decimal keeps the decimals that they came with, and they are printed as they came.</summary>
internal static class Money
{
    /// <summary>An amount: <c>100.00</c>.</summary>
    public static string Of(decimal amount) => amount.ToString(CultureInfo.InvariantCulture);

    /// <summary>An amount with its currency: <c>100.00 USD</c>.</summary>
    public static string Of(decimal amount, string currency) => $"{Of(amount)} {currency}";
}
