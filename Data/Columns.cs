using Npgsql;

namespace Data;

/// <summary>Columns of a row that may be NULL; what <see cref="Parameter"/> writes.</summary>
public static class Columns
{
    /// <summary>A text; NULL is null.</summary>
    public static string? TextOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>A UUID; NULL is null.</summary>
    public static Guid? UuidOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);

    /// <summary>A timestamptz, UTC; NULL is null.</summary>
    public static DateTime? TimeOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDateTime(column);
}
