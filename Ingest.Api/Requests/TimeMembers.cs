using System.Globalization;
using System.Text.Json;
using Contracts;

namespace Ingest.Api.Requests;

/// <summary>Members that are times.</summary>
internal static class TimeMembers
{
    /// <summary>What is allowed, to be read after a field's name.</summary>
    public const string Rule = "must be an RFC 3339 time, such as 2026-01-15T10:30:00Z";

    /// <summary>A time that must be there, UTC; null when it is not, or not acceptable.</summary>
    public static DateTime? Time(this JsonMembers members, string name)
    {
        var utc = default(DateTime);
        if (members.Text(name, Rule, text => Rfc3339.TryParse(text, out utc)) is null) return null;
        members.Take(name, utc.ToString("O", CultureInfo.InvariantCulture));
        return utc;
    }

    /// <summary>The same where it may be left out or null.</summary>
    public static DateTime? OptionalTime(this JsonMembers members, string name) =>
        members.Find(name) is { ValueKind: not JsonValueKind.Null } ? members.Time(name) : null;
}
