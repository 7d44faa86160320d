using System.Buffers;

namespace Contracts;

/// <summary>What Kafka takes as a topic's name: 1-249 characters of <c>[A-Za-z0-9._-]</c>.</summary>
public static class TopicNames
{
    /// <summary>The longest name.</summary>
    public const int MaxLength = 249;

    /// <summary>The rule in words, for error messages.</summary>
    public const string Allowed = "1-249 characters of A-Z, a-z, 0-9 and . _ -";

    /// <summary>The rule as a regular expression, for OpenAPI documents.</summary>
    public const string Pattern = "^[A-Za-z0-9._-]+$";

    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>True when a topic can have this name.</summary>
    public static bool IsValid(ReadOnlySpan<char> name) => name.Length is > 0 and <= MaxLength && !name.ContainsAnyExcept(Characters);
}
