using Npgsql;
using NpgsqlTypes;

namespace Data;

/// <summary>Typed parameters whose type Npgsql cannot infer: a text that may be null, a duration, a column of a batch.</summary>
public static class Parameter
{
    /// <summary>A text; null is NULL.</summary>
    public static NpgsqlParameter<string?> Text(string? value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    /// <summary>A JSON text; null is NULL.</summary>
    public static NpgsqlParameter<string?> Json(string? value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Json };

    /// <summary>A UUID; null is NULL.</summary>
    public static NpgsqlParameter<Guid?> Uuid(Guid? value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Uuid };

    /// <summary>A duration, as <c>interval</c>.</summary>
    public static NpgsqlParameter<TimeSpan> Interval(TimeSpan value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Interval };

    /// <summary>A column of a batch, as one array for <c>unnest</c> or <c>ANY</c>: a batch is one statement, whatever its size.</summary>
    /// <param name="values">One value per row.</param>
    /// <param name="element">The type of one value.</param>
    public static NpgsqlParameter<T[]> Array<T>(T[] values, NpgsqlDbType element) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element };
}
