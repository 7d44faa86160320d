namespace Data.Users;

/// <summary>A row of <c>users</c>: somebody who moves money here, or an administrator.</summary>
public sealed class User
{
    /// <summary>Given by the database, from 1 on.</summary>
    public long Id { get; set; }

    /// <summary>Unique, lower case, at most 254 characters (RFC 5321, 4.5.3.1.3).</summary>
    public required string Email { get; set; }

    /// <summary>The one currency of this user's account: ISO 4217, upper case.</summary>
    public required string Currency { get; set; }

    /// <summary>SHA-256 of the API key, 32 bytes; the key itself was shown once and is nowhere.</summary>
    public required byte[] ApiKeyHash { get; set; }

    /// <summary>Whether this user sees everybody's things.</summary>
    public bool IsAdmin { get; set; }

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }
}
