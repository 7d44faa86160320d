using Data.Payments;
using Npgsql;
using NpgsqlTypes;

namespace Query.Api.Payments;

/// <summary>
/// A page and its count, two statements in one round trip. Each combination of filters is a text of its own, so that each is planned for the
/// index that begins with just these columns and ends with the id: a page is read where it begins, and nothing is sorted.
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
        var where = Where(filter, command);
        command.CommandText = $"SELECT {PaymentReply.Columns} FROM payments WHERE {where}id < {Add(command, filter.Before.Id, NpgsqlDbType.Bigint)} ORDER BY id DESC "
            + $"LIMIT {Add(command, filter.Limit + 1, NpgsqlDbType.Integer)} OFFSET {Add(command, filter.Offset, NpgsqlDbType.Integer)}";
        return command;
    }

    /// <summary>Counts no further than an offset leads (see <see cref="PaymentFilter.MaxOffset"/>), wherever the page begins.</summary>
    internal static NpgsqlBatchCommand CountCommand(PaymentFilter filter)
    {
        var command = new NpgsqlBatchCommand();
        var where = Where(filter, command);
        command.CommandText =
            $"SELECT count(*) FROM (SELECT FROM payments WHERE {where}id > 0 ORDER BY id DESC LIMIT {Add(command, PaymentFilter.MaxOffset, NpgsqlDbType.Integer)}) AS counted";
        return command;
    }

    private static string Where(PaymentFilter filter, NpgsqlBatchCommand command)
    {
        var where = "";
        if (filter.UserId is { } userId) where += $"user_id = {Add(command, userId, NpgsqlDbType.Bigint)} AND ";
        if (filter.Type is { } type) where += $"type = {Add(command, type, NpgsqlDbType.Text)} AND ";
        if (filter.Status is { } status) where += $"status = {Add(command, status, NpgsqlDbType.Text)} AND ";
        return where;
    }

    private static string Add<T>(NpgsqlBatchCommand command, T value, NpgsqlDbType type)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
        return $"${command.Parameters.Count}";
    }
}
