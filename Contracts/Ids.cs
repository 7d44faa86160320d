using System.Buffers;

namespace Contracts;

/// <summary>What an id of a transaction or of an account looks like: 1-128 characters of <c>[A-Za-z0-9._:~@-]</c>.</summary>
public static class Ids
{
    /// <summary>The longest id.</summary>
    public const int MaxLength = 128;

    /// <summary>Every character an id may have. All are ASCII, and none needs escaping in JSON.</summary>
    public const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:~@-";

    /// <summary>The rule in words, for error messages.</summary>
    public const string Allowed = "1-128 characters of A-Z, a-z, 0-9 and . _ : ~ @ -";

    /// <summary>The rule as a regular expression, for OpenAPI documents.</summary>
    public const string Pattern = "^[A-Za-z0-9._:~@-]+$";

    private static readonly SearchValues<char> CharacterSet = SearchValues.Create(Characters);

    /// <summary>True when this can be an id.</summary>
    public static bool IsValid(ReadOnlySpan<char> id) => id.Length is > 0 and <= MaxLength && !id.ContainsAnyExcept(CharacterSet);
}
