using Data;
using Npgsql;
using NpgsqlTypes;

namespace Processor.Worker.Work;

/// <summary>Which of the ids that records name have a row: <see cref="WorkRules{TId, TClaimed}.KnownAsync"/>.</summary>
internal static class KnownRows
{
    /// <summary>Runs a statement that selects the ids of $1 that have a row.</summary>
    /// <param name="database">The database.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="ids">What $1 is.</param>
    /// <param name="type">The type of one id.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<IReadOnlySet<TId>> ReadAsync<TId>(
        NpgsqlDataSource database, string sql, TId[] ids, NpgsqlDbType type, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(Parameter.Array(ids, type));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var known = new HashSet<TId>();
        while (await row.ReadAsync(cancellationToken)) known.Add(row.GetFieldValue<TId>(0));
        return known;
    }
}
