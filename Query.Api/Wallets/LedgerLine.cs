using System.Buffers.Binary;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Contracts;
using Data;
using Npgsql;

namespace Query.Api.Wallets;

/// <summary>A line of a wallet's ledger: an entry of its account, with the transfer that it is part of.</summary>
[DisplayName("LedgerLine")]
internal sealed record LedgerLine(
    [property: Description("A UUID, the same whenever the line is read.")] Guid Id,
    [property: Description("The wallet.")] Guid WalletId,
    [property: Description("credit: into the wallet. debit: out of it."), AllowedValues("credit", "debit")] string TransactionType,
    [property: Description("How much, more than 0, with the currency's own decimals.")] ExactAmount Amount,
    [property: Description("What it was for.")] string Description,
    [property: Description("The charge that it was for; null for a credit that was for none.")] Guid? ReferenceId,
    [property: Description("What was in the wallet before.")] ExactAmount BalanceBefore,
    [property: Description("What was in it after.")] ExactAmount BalanceAfter,
    [property: Description("When the money moved, UTC.")] DateTime CreatedAt)
{
    /// <summary>
    /// Selects what <see cref="Read"/> reads, from <c>entries e</c>, <c>transfers t</c> and <c>refunds r</c>. A statement line of a refund refers to its
    /// charge.
    /// </summary>
    public const string Select =
        """
        SELECT e.transfer_id, e.account_id, e.amount, e.balance_after, coalesce(t.description, t.kind), t.created_at,
            coalesce(r.charge_id, CASE WHEN t.reference ~ '^charge:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' THEN substr(t.reference, 8, 36)::uuid END)
        FROM entries e JOIN transfers t ON t.id = e.transfer_id
        LEFT JOIN refunds r ON r.id =
            CASE WHEN t.reference ~ '^refund:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' THEN substr(t.reference, 8, 36)::uuid END
        """;

    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"id":"00000000-0001-8e24-8000-000000000007","wallet_id":"019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f","transaction_type":"debit","amount":100.00,
         "description":"Payment for charge 019a6f3e-9c2b-7d4e-8f5a-1b2c3d4e5f60","reference_id":"019a6f3e-9c2b-7d4e-8f5a-1b2c3d4e5f60",
         "balance_before":130.00,"balance_after":30.00,"created_at":"2026-01-15T10:30:00.123456Z"}
        """;

    /// <summary>The position of a page that ends here. Callers see it in a cursor only.</summary>
    internal long TransferId { get; private init; }

    /// <summary>Reads the current row of <see cref="Select"/>.</summary>
    public static LedgerLine Read(NpgsqlDataReader row, Guid walletId, string currency)
    {
        var (amount, after) = (row.GetDecimal(2), row.GetDecimal(3));
        return new(
            IdOf(row.GetInt64(0), row.GetInt64(1)), walletId, amount > 0 ? "credit" : "debit", ExactAmount.Of(Math.Abs(amount), currency), row.GetString(4),
            row.UuidOrNull(6), ExactAmount.Of(after - amount, currency), ExactAmount.Of(after, currency), row.GetDateTime(5))
        { TransferId = row.GetInt64(0) };
    }

    /// <summary>
    /// A UUID of version 8 (RFC 9562): 60 bits of the transfer's id and 62 of the account's around version and variant. The table's key is these two numbers,
    /// which never change, so the line needs no id of its own there.
    /// </summary>
    internal static Guid IdOf(long transferId, long accountId)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, ((transferId >> 12) << 16) | 0x8000 | (transferId & 0xFFF));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], 0x8000_0000_0000_0000 | (ulong)accountId);
        return new(bytes, bigEndian: true);
    }
}
