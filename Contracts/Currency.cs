using System.Collections.Frozen;
using System.Globalization;

namespace Contracts;

/// <summary>An active ISO 4217 currency: its code and how many decimals its amounts have.</summary>
/// <param name="Code">Three upper-case letters.</param>
/// <param name="Decimals">Digits of the minor unit, 0 to 4.</param>
/// <remarks>
/// Source: ISO 4217 list one (<see href="https://www.six-group.com/en/products-services/financial-information/data-standards.html"/>),
/// with the amendments up to 2026: BGN, HRK, ANG, CUC, SLL and ZWL are gone; XCG, SLE, VED and ZWG are in.
/// Codes without a minor unit (gold, bond units, XTS, XXX) are not money that can be paid and are left out.
/// </remarks>
public sealed record Currency(string Code, int Decimals)
{
    /// <summary>What <see cref="Format"/> writes, as a regular expression, for OpenAPI documents.</summary>
    public const string AmountPattern = @"^[0-9]+(\.[0-9]{1,4})?$";

    /// <summary>A code as responses show it, as a regular expression, for OpenAPI documents.</summary>
    public const string CodePattern = "^[A-Z]{3}$";

    /// <summary>A code as requests may write it, in any case.</summary>
    public const string AnyCasePattern = "^[A-Za-z]{3}$";

    private const string None = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
    private const string Three = "BHD IQD JOD KWD LYD OMR TND";
    private const string Four = "CLF UYW";
    private const string Two =
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC " +
        "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR " +
        "KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN " +
        "PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS " +
        "UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";

    private static readonly FrozenDictionary<string, Currency> ByCode =
        new[] { (None, 0), (Two, 2), (Three, 3), (Four, 4) }
            .SelectMany(group => group.Item1.Split(' ').Select(code => new Currency(code, group.Item2)))
            .ToFrozenDictionary(currency => currency.Code, StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, Currency>.AlternateLookup<ReadOnlySpan<char>> BySpan =
        ByCode.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Every active currency, in no particular order.</summary>
    public static IReadOnlyCollection<Currency> All => ByCode.Values;

    /// <summary>Finds a currency by its code in any case; null when there is none.</summary>
    public static Currency? Find(ReadOnlySpan<char> code) => BySpan.TryGetValue(code, out var currency) ? currency : null;

    /// <summary>
    /// An amount as responses show it, with the currency's own number of decimals: <c>1500.00</c> INR, <c>1500</c> JPY.
    /// Decimals beyond those (a row from before a currency was redenominated) are kept, never rounded away.
    /// </summary>
    public static string Format(decimal amount, string currencyCode) =>
        amount.ToString(
            Find(currencyCode)?.Decimals switch { 0 => "0.####", 3 => "0.000#", 4 => "0.0000", _ => "0.00##" },
            CultureInfo.InvariantCulture);
}
