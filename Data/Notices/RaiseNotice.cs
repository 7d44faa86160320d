using System.Diagnostics;
using Contracts;
using Data.Webhooks;
using Npgsql;

namespace Data.Notices;

/// <summary>Something that an operator should know of, as who sees it says it.</summary>
/// <param name="Type">One of <see cref="WebhookEvents.OfOperations"/>.</param>
/// <param name="Cause">What it is about: the same text for the same cause. No customer's data: it is a mail's subject.</param>
/// <param name="Detail">What happened, one or two sentences. May quote a record.</param>
/// <param name="WhatToDo">What to do about it, one or two sentences.</param>
/// <param name="Link">Where to look: a path below <c>Notices__PortalUrl</c>, with its query.</param>
public sealed record NewNotice(string Type, string Cause, string Detail, string WhatToDo, string Link);

/// <summary>
/// Raises a notice, in one statement: a cause that is new in this hour gets its row, and with it the event for the endpoints that ask for its type; one that is
/// not is counted. Whoever raises a cause while another raises it waits for that other's commit when it is new, and else for nobody: eight writers of dead
/// letters made 2,000 a second, and 550 when each of them raised the count of the same row.
/// </summary>
public static class RaiseNotice
{
    /// <summary>For a transaction of the caller's; by itself, of a batch of its own.</summary>
    public static NpgsqlBatchCommand Command(NewNotice notice) => After("SELECT 1", [], notice);

    /// <summary>Makes a change, and raises the notice when it has changed anything.</summary>
    /// <param name="change">A statement that returns a row when it has changed something.</param>
    /// <param name="parameters">Its parameters, from <c>$1</c> on.</param>
    /// <param name="notice">The notice.</param>
    /// <returns>A statement whose one value is whether anything was changed.</returns>
    public static NpgsqlBatchCommand After(string change, IEnumerable<NpgsqlParameter> parameters, NewNotice notice)
    {
        var command = new NpgsqlBatchCommand();
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        command.CommandText = Sql(change, first: command.Parameters.Count + 1);
        foreach (var text in (string[])[notice.Type, notice.Cause, notice.Detail, notice.WhatToDo, notice.Link])
            command.Parameters.Add(Parameter.Text(StoredText.Clean(text)));
        command.Parameters.Add(Parameter.Text(Activity.Current?.Id));
        return command;
    }

    /// <summary>Raises it by itself.</summary>
    public static async Task RunAsync(NpgsqlDataSource database, NewNotice notice, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(Command(notice));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Sql(string change, int first) =>
        $"""
        WITH changed AS ({change}),
        notice AS (
            SELECT ${first} AS type, ${first + 1} AS cause, date_trunc('hour', now(), 'UTC') AS hour, ${first + 2} AS detail, ${first + 3} AS what_to_do,
                ${first + 4} AS link
            WHERE EXISTS (SELECT FROM changed)),
        counted AS (
            UPDATE notices AS n SET count = n.count + 1
            WHERE n.id = (SELECT k.id FROM notices AS k JOIN notice USING (type, cause, hour) FOR UPDATE OF k SKIP LOCKED)),
        raised AS (
            INSERT INTO notices (id, type, cause, hour, detail, what_to_do, link)
            SELECT uuid_v7(), type, cause, hour, detail, what_to_do, link
            FROM notice WHERE NOT EXISTS (SELECT FROM notices JOIN notice USING (type, cause, hour))
            ON CONFLICT (type, cause, hour) DO NOTHING
            RETURNING *),
        told AS (
            {NewEvents.Insert}
            SELECT uuid_v7(), e.type, e.customer_id, e.resource_id, e.snapshot, e.traceparent FROM (
                SELECT type, NULL::text AS customer_id, id::text AS resource_id, ${first + 5} AS traceparent,
                    json_build_object(
                        'cause', cause, 'detail', detail, 'what_to_do', what_to_do, 'link', link,
                        'first_seen_at', to_char(first_seen_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'count', count) AS snapshot
                FROM raised) AS e
            WHERE {NewEvents.IsWanted})
        SELECT EXISTS (SELECT FROM changed)
        """;
}
