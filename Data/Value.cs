using Npgsql;
using NpgsqlTypes;

namespace Data;

/// <summary>Parameters of one value each, where Npgsql cannot tell the type by itself: a text that may be null, a duration.</summary>
public static class Value
{
    /// <summary>A text; null is NULL.</summary>
    public static NpgsqlParameter<string?> Text(string? value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    /// <summary>A duration, as <c>interval</c>.</summary>
    public static NpgsqlParameter<TimeSpan> Interval(TimeSpan value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Interval };
}
