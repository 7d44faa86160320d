using System.Text.Json;
using Contracts;
using Data;
using Data.Transactions;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Api.DeadLetters;

/// <summary>The record of a transaction, made from its row as the relay makes it.</summary>
/// <param name="Body">A <see cref="TransactionMessage"/> as JSON.</param>
/// <param name="TraceParent">The trace of the request that brought the row.</param>
internal sealed record TransactionRow(byte[] Body, string? TraceParent);

/// <summary>Looks for the rows of dead letters whose body was not kept.</summary>
internal static class TransactionRows
{
    private const string Sql =
        """
        SELECT transaction_id, source_account, destination_account, amount, currency, created_at, traceparent
        FROM transactions WHERE transaction_id = ANY ($1)
        """;

    /// <summary>By transaction_id; those that have no row are not in it.</summary>
    public static async Task<Dictionary<string, TransactionRow>> FindAsync(
        NpgsqlConnection connection, IEnumerable<StoredDeadLetter> letters, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, TransactionRow>(StringComparer.Ordinal);
        var ids = letters.Where(letter => letter.IsMadeFromRow).Select(letter => letter.TransactionId).OfType<string>().Distinct().ToArray();
        if (ids.Length == 0) return found;

        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(Parameter.Array(ids, NpgsqlDbType.Text));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var message = MessageRow.Read(row);
            found[message.TransactionId] = new(
                JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.TransactionMessage), row.IsDBNull(6) ? null : row.GetString(6));
        }

        return found;
    }
}
