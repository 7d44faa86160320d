using Microsoft.EntityFrameworkCore;

namespace Query.Api.Lists;

/// <summary>
/// The newest rows of several statuses. The tables' indexes have each status by itself, newest first, of one customer and of all; a list of several statuses
/// is merged from the newest ids of each. So a page costs the same wherever it begins, and a row is in two indexes instead of four. The inner statement is
/// SQL: LINQ has no array of ids from a subquery, and would read every merged row instead of its index entry.
/// </summary>
internal static class NewestByStatus
{
    /// <summary>The rows of a page, and one more.</summary>
    /// <param name="rows">A table with the columns id, customer_id and status, and with an index for either start of (customer_id, status, id).</param>
    /// <param name="statuses">Only those with one of these.</param>
    /// <param name="customerId">Only this customer's; null for all.</param>
    /// <param name="page">Which page.</param>
    /// <param name="period">Only those whose ids are of this time.</param>
    public static IQueryable<T> Newest<T>(
        this DbSet<T> rows, IReadOnlyList<string> statuses, string? customerId, ListPage<UuidCursor> page, CreatedPeriod period = default) where T : class
    {
        var table = rows.EntityType.GetTableName();
        var customer = customerId is null ? "" : "customer_id = {5} AND ";
        var sql =
            $$"""
            SELECT * FROM {{table}} WHERE id = ANY (ARRAY(
                SELECT newest.id FROM unnest({0}) AS each (status), LATERAL (
                    SELECT id FROM {{table}} WHERE {{customer}}status = each.status AND id < {1} AND id >= {4} ORDER BY id DESC LIMIT {2} + {3}) AS newest
                ORDER BY newest.id DESC LIMIT {2} OFFSET {3}))
            """;
        List<object> values = [statuses.ToArray(), period.Before(page), page.Read, page.Skip, period.FirstId];
        if (customerId is not null) values.Add(customerId);
        return rows.FromSqlRaw(sql, [.. values]).AsNoTracking().OrderByDescending(row => EF.Property<Guid>(row, "Id"));
    }

    /// <summary>The id that all of the page's are smaller than.</summary>
    public static Guid Before(this ListPage<UuidCursor> page) => page.After?.Id ?? Guid.AllBitsSet;
}
