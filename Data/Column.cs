using Npgsql;
using NpgsqlTypes;

namespace Data;

/// <summary>A column of a batch, as one array parameter for <c>unnest</c> or <c>ANY</c>: a batch is one statement, whatever its size.</summary>
public static class Column
{
    /// <summary>The parameter.</summary>
    /// <param name="values">One value a row.</param>
    /// <param name="element">The type of one value.</param>
    public static NpgsqlParameter<T[]> Of<T>(T[] values, NpgsqlDbType element) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element };
}
