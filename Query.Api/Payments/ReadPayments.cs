using Data.Payments;
using Npgsql;
using NpgsqlTypes;

namespace Query.Api.Payments;

/// <summary>
/// A page and its count, two statements in one round trip. The index has each type and status by itself, newest first; a list of several is
/// merged from the newest of each, at most eight. So a page costs the same wherever it begins, and a payment is in two indexes instead of six.
/// </summary>
internal static class ReadPayments
{
    /// <summary>The page that the filter asks for.</summary>
    public static async Task<PaymentPage> PageAsync(NpgsqlDataSource database, PaymentFilter filter, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(PageCommand(filter));
        batch.BatchCommands.Add(CountCommand(filter));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);

        var rows = new List<PaymentReply>(filter.Limit + 1);
        while (await reader.ReadAsync(cancellationToken)) rows.Add(PaymentReply.Read(reader));
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return PaymentPage.Of(rows, (int)reader.GetInt64(0), filter);
    }

    /// <summary>Asks for one row more than the page shows: its presence says that there is another page.</summary>
    internal static NpgsqlBatchCommand PageCommand(PaymentFilter filter)
    {
        var command = new NpgsqlBatchCommand();
        var (each, user) = EachOf(filter, command);
        var before = Add(command, filter.Before.Id, NpgsqlDbType.Bigint);
        var (limit, offset) = (Add(command, filter.Limit + 1, NpgsqlDbType.Integer), Add(command, filter.Offset, NpgsqlDbType.Integer));
        command.CommandText =
            $"""
            SELECT {PaymentReply.Columns} FROM payments WHERE id = ANY (ARRAY(
                SELECT newest.id FROM {each}, LATERAL (
                    SELECT id FROM payments WHERE {user}type = each.type AND status = each.status AND id < {before} ORDER BY id DESC LIMIT {limit} + {offset}) AS newest
                ORDER BY newest.id DESC LIMIT {limit} OFFSET {offset}))
            ORDER BY id DESC
            """;
        return command;
    }

    /// <summary>Counts no further than an offset leads (see <see cref="PaymentFilter.MaxOffset"/>), wherever the page begins.</summary>
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
        var each = from type in filter.Type is { } one ? [one] : PaymentFilter.Types from status in filter.Status is { } only ? [only] : PaymentFilter.Statuses select (type, status);
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
