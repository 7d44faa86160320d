using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Contracts;
using Npgsql;

namespace Data.Wallets;

/// <summary>
/// A wallet as callers see it. Its balance is the ledger account's, and it changed last when that account did.
/// </summary>
/// <param name="Id">A UUID.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Balance">What is in it.</param>
/// <param name="Currency">ISO 4217, upper case.</param>
/// <param name="IsActive">Whether charges may take money from it.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="UpdatedAt">When its balance last changed, UTC; null until it does.</param>
[DisplayName("Wallet")]
public sealed record WalletReply(
    [property: Description("A UUID.")] Guid Id,
    [property: Description("The customer."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string CustomerId,
    [property: Description("What is in it, with the currency's own decimals.")] ExactAmount Balance,
    [property: Description("ISO 4217, upper case."), RegularExpression(Contracts.Currency.CodePattern)] string Currency,
    [property: Description("Whether charges may take money from it.")] bool IsActive,
    [property: Description("When it was created, UTC.")] DateTime CreatedAt,
    [property: Description("When its balance last changed, UTC; null until it does.")] DateTime? UpdatedAt)
{
    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"id":"019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f","customer_id":"cust_42","balance":100.00,"currency":"USD","is_active":true,
         "created_at":"2026-01-15T10:30:00.123456Z","updated_at":"2026-01-15T10:31:00.654321Z"}
        """;

    /// <summary>Selects what <see cref="Read"/> reads, from <c>wallets w</c>; a WHERE and an ORDER BY may follow. Two index look-ups a wallet.</summary>
    public const string Select =
        """
        SELECT w.id, w.customer_id, coalesce(a.balance, 0), w.currency, w.is_active, w.created_at, last.created_at
        FROM wallets w
        LEFT JOIN accounts a ON a.owner = 'wallet:' || w.customer_id AND a.currency = w.currency
        LEFT JOIN LATERAL (
            SELECT t.created_at FROM entries e JOIN transfers t ON t.id = e.transfer_id
            WHERE e.account_id = a.id ORDER BY e.transfer_id DESC LIMIT 1) AS last ON true
        """;

    /// <summary>Reads the current row of <see cref="Select"/>.</summary>
    public static WalletReply Read(NpgsqlDataReader row)
    {
        var currency = row.GetString(3);
        return new(
            row.GetGuid(0), row.GetString(1), ExactAmount.Of(row.GetDecimal(2), currency), currency, row.GetBoolean(4), row.GetDateTime(5),
            row.TimeOrNull(6));
    }
}

/// <summary>Source-generated JSON of wallets; snake_case, with every member.</summary>
[JsonSerializable(typeof(WalletReply))]
[JsonSerializable(typeof(List<WalletReply>))]
public sealed partial class WalletJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static WalletJson Wire { get; } = new(WireJson.Options());
}
