using System.Buffers;

namespace Query.Api.Transactions;

/// <summary>What can be an id of a transaction or an account: 1-128 characters of <c>[A-Za-z0-9._:~@-]</c>.</summary>
internal static class TransactionIds
{
    public const int MaxLength = 128;
    public const string Allowed = "1-128 characters of A-Z, a-z, 0-9 and . _ : ~ @ -";

    public const string Pattern = "^[A-Za-z0-9._:~@-]+$";

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:~@-");

    public static bool IsValid(ReadOnlySpan<char> id) => id.Length is > 0 and <= MaxLength && !id.ContainsAnyExcept(Characters);
}
