using Data.Payments;
using Npgsql;
using NpgsqlTypes;
using Query.Api.Lists;

namespace Query.Api.Payments;

/// <summary>
/// A page of payments and its count: two statements in one round trip. The index has each type and status by itself, newest first; a list of
/// several is merged from the newest ids of each, at most eight. So a page costs the same wherever it begins, and a payment is in two indexes
/// instead of six. SQL rather than LINQ: EF Core has no array of ids from a subquery, and would read every merged row instead of its index entry.
/// </summary>
internal static class ReadPayments
{
    /// <summary>An example for the OpenAPI document.</summary>
    public static string ExampleOf(string type) =>
        $$"""
        {"items":[{{PaymentReply.ExampleOf(type, PaymentStatus.Success)}}],"total":1,"limit":20,"offset":0,"has_more":false,"next_cursor":null}
        """;

    /// <summary>Reads the page that the filter selects.</summary>
    public static async Task<OffsetPage<PaymentReply>> PageAsync(NpgsqlDataSource database, PaymentFilter filter, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(PageCommand(filter));
        batch.BatchCommands.Add(CountCommand(filter));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);

        var rows = new List<PaymentReply>(filter.Limit + 1);
        while (await reader.ReadAsync(cancellationToken)) rows.Add(PaymentReply.Read(reader));
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return OffsetPage<PaymentReply>.Of(rows, (int)reader.GetInt64(0), filter.Limit, filter.Offset, last => new IdCursor(last.Id));
    }

    /// <summary>Selects the rows of the page, and one more.</summary>
    internal static NpgsqlBatchCommand PageCommand(PaymentFilter filter)
    {
        var command = new NpgsqlBatchCommand();
        var (each, user) = EachOf(filter, command);
        var before = Add(command, filter.Before, NpgsqlDbType.Bigint);
        var (limit, offset) = (Add(command, filter.Limit + 1, NpgsqlDbType.Integer), Add(command, filter.Offset, NpgsqlDbType.Integer));
        command.CommandText =
            $"""
            SELECT {PaymentReply.Columns} FROM payments WHERE id = ANY (ARRAY(
                SELECT newest.id FROM {each}, LATERAL (
                    SELECT id FROM payments WHERE {user}type = each.type AND status = each.status AND id < {before}
                    ORDER BY id DESC LIMIT {limit} + {offset}) AS newest
                ORDER BY newest.id DESC LIMIT {limit} OFFSET {offset}))
            ORDER BY id DESC
            """;
        return command;
    }

    /// <summary>Counts up to <see cref="PaymentFilter.MaxOffset"/>, wherever the page begins.</summary>
    internal static NpgsqlBatchCommand CountCommand(PaymentFilter filter)
    {
        var command = new NpgsqlBatchCommand();
        var (each, user) = EachOf(filter, command);
        var most = Add(command, PaymentFilter.MaxOffset, NpgsqlDbType.Integer);
        command.CommandText =
            $"""
            SELECT count(*) FROM (
                SELECT FROM {each}, LATERAL (
                    SELECT FROM payments WHERE {user}type = each.type AND status = each.status ORDER BY id DESC LIMIT {most}) AS one
                LIMIT {most}) AS counted
            """;
        return command;
    }

    /// <summary>The types and statuses to merge, as a table, and the condition that they share.</summary>
    private static (string Each, string User) EachOf(PaymentFilter filter, NpgsqlBatchCommand command)
    {
        var each =
            from type in filter.Type is { } one ? [one] : PaymentFilter.Types
            from status in filter.Status is { } only ? [only] : PaymentFilter.Statuses
            select (type, status);
        var types = Add(command, each.Select(of => of.type).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        var statuses = Add(command, each.Select(of => of.status).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        var user = filter.UserId is { } userId ? $"user_id = {Add(command, userId, NpgsqlDbType.Bigint)} AND " : "";
        return ($"unnest({types}, {statuses}) AS each (type, status)", user);
    }

    private static string Add<T>(NpgsqlBatchCommand command, T value, NpgsqlDbType type)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
        return $"${command.Parameters.Count}";
    }
}
