using Data;
using Npgsql;

namespace Processor.Worker.Notices;

/// <summary>A notice that this worker has claimed to mail it.</summary>
/// <param name="Id">The notice's id.</param>
/// <param name="Try">The number of this claim, from 1: what is recorded under it says <c>AND mail_tries = $n</c>.</param>
/// <param name="Type">One of <see cref="Contracts.WebhookEvents.OfOperations"/>.</param>
/// <param name="Cause">What it is about.</param>
/// <param name="Detail">What happened.</param>
/// <param name="WhatToDo">What to do about it.</param>
/// <param name="Link">Where to look: a path of the front door.</param>
/// <param name="Count">How often it was seen until now.</param>
/// <param name="FirstSeenAt">When it was seen first, UTC.</param>
internal sealed record ClaimedNotice(
    Guid Id, int Try, string Type, string Cause, string Detail, string WhatToDo, string Link, long Count, DateTime FirstSeenAt);

/// <summary>
/// Claims notices that are to be mailed, and records what became of it. After a day a notice is not mailed any more: old ones are no news, neither when mails
/// are set up long after the notices began nor when the mail server was away for days.
/// </summary>
internal sealed class ClaimNotices(NpgsqlDataSource database)
{
    private const string Claim =
        """
        UPDATE notices AS n SET mail_tries = n.mail_tries + 1, next_mail_at = now() + $2
        FROM (
            SELECT id FROM notices WHERE first_seen_at > now() - interval '1 d' AND mailed_at IS NULL AND next_mail_at <= now()
            ORDER BY first_seen_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS due
        WHERE n.id = due.id
        RETURNING n.id, n.mail_tries, n.type, n.cause, n.detail, n.what_to_do, n.link, n.count, n.first_seen_at
        """;

    private const string Mailed = "UPDATE notices SET mailed_at = now() WHERE id = $1 AND mail_tries = $2";

    private const string Retry = "UPDATE notices SET next_mail_at = now() + $3 WHERE id = $1 AND mail_tries = $2";

    /// <summary>Claims up to so many.</summary>
    public async Task<IReadOnlyList<ClaimedNotice>> RunAsync(int most, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Claim);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        command.Parameters.Add(Parameter.Interval(lease));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var claimed = new List<ClaimedNotice>();
        while (await row.ReadAsync(cancellationToken))
        {
            claimed.Add(new(
                row.GetGuid(0), row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetInt64(7),
                row.GetDateTime(8)));
        }

        return claimed;
    }

    /// <summary>The mail server has taken it.</summary>
    public Task RecordMailedAsync(ClaimedNotice notice) => RecordAsync(notice, Mailed);

    /// <summary>It is mailed again after the wait.</summary>
    public Task RecordRetryAsync(ClaimedNotice notice, TimeSpan wait) => RecordAsync(notice, Retry, Parameter.Interval(wait));

    private async Task RecordAsync(ClaimedNotice notice, string sql, params NpgsqlParameter[] more)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = notice.Id });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = notice.Try });
        command.Parameters.AddRange(more);
        await command.ExecuteNonQueryAsync();
    }
}
