using Contracts;
using Data;
using Ingest.Api.Requests;
using Npgsql;
using ServiceDefaults.Problems;

namespace Ingest.Api.DeadLetters;

/// <summary>Which dead letters a request is about.</summary>
/// <param name="Topic">Those of this topic.</param>
/// <param name="Reason">Only those with this reason; null for all.</param>
/// <param name="IsDryRun">Whether they are only counted.</param>
internal sealed record LetterSelection(string Topic, string? Reason, bool IsDryRun)
{
    /// <summary>More are not counted: the answer is to be there in time.</summary>
    private const int MaxCount = 1_000_000;

    private const string TopicRule = $"must be a topic's name, such as transactions: {TopicNames.Allowed}";

    private const string Newest = "SELECT coalesce(max(id), 0) FROM dead_letters";

    private const string Counted =
        "SELECT count(*)::int FROM (SELECT FROM dead_letters WHERE topic = $1 AND ($2::text IS NULL OR reason = $2) LIMIT $3) AS selected";

    /// <summary>What is answered when no topic is named.</summary>
    public static Problem NoTopic => Problem.Invalid("topic", $"topic is missing; it {TopicRule}");

    /// <summary>Reads a request's body.</summary>
    public static async Task<(LetterSelection? Selection, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadOptionalAsync(request, cancellationToken);
        if (members is null) return (null, problem);
        var topic = members.Text("topic", TopicRule, text => TopicNames.IsValid(text));

        // A reason has the characters of a topic's name, and is shorter.
        var reason = members.OptionalText(
            "reason", "must be a dead letter's reason, such as undecodable; leave it out for all", text => TopicNames.IsValid(text));
        var isDryRun = members.OptionalFlag("dry_run") ?? false;
        return members.Problem is { } invalid ? (null, invalid) : (new(topic!, reason, isDryRun), null);
    }

    /// <summary>How many there are, up to a million; and whether there are more.</summary>
    public async Task<(int Count, bool HasMore)> CountAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Counted, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Topic });
        command.Parameters.Add(Parameter.Text(Reason));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MaxCount + 1 });
        var count = (int)(await command.ExecuteScalarAsync(cancellationToken))!;
        return (Math.Min(count, MaxCount), count > MaxCount);
    }

    /// <summary>The id up to which a request works: letters that come while it does are left alone.</summary>
    public static async Task<long> NewestAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Newest, connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>A command whose first parameters are the ids after which and up to which, the topic, the reason and the number of rows.</summary>
    public NpgsqlCommand ToCommand(NpgsqlConnection connection, string sql, long after, long last, int rows)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = last });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Topic });
        command.Parameters.Add(Parameter.Text(Reason));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = rows });
        return command;
    }
}
