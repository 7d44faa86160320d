namespace Deployment;

/// <summary>What was promised, held against what is in the database when all is over.</summary>
internal static class Verdict
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Every broken promise, a sentence each.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(Load load, Cluster cluster, TimeProvider clock, CancellationToken cancellationToken)
    {
        await load.EndAsync();
        var begun = clock.GetTimestamp();
        Dictionary<string, string> rows;
        do
        {
            rows = await RowsAsync(cluster, cancellationToken);
        }
        while (rows.ContainsValue("PROCESSING") && clock.GetElapsedTime(begun) < Patience);

        return
        [
            .. load.Accepted.Keys.Where(id => !rows.ContainsKey(id)).Select(id => $"{id} was answered 202 and has no row"),
            .. load.Accepted.Keys.Where(id => rows.TryGetValue(id, out var status) && status != "PROCESSED").Select(id => $"{id} is {rows[id]}"),
            .. load.Answers.Where(answer => !answer.IsAllowed)
                .Select(answer => $"{answer.At:HH:mm:ss.f}: {answer.Status}{(answer.IsRead ? " to a read" : "")}"),
            .. await DifferencesAsync(cluster, cancellationToken),
        ];
    }

    // The primary key lets no id have two rows, and the outcome is a column: one row is one outcome.
    private static async Task<Dictionary<string, string>> RowsAsync(Cluster cluster, CancellationToken cancellationToken) =>
        (await cluster.SqlAsync("SELECT transaction_id || ' ' || status FROM transactions WHERE source_account = 'acc_prove'", cancellationToken))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToDictionary(line => line[0], line => line[1]);

    private static async Task<string[]> DifferencesAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        var sums = await cluster.SqlAsync(
            "SELECT count(*) FROM (SELECT transfer_id FROM entries GROUP BY transfer_id HAVING sum(amount) <> 0) x", cancellationToken);
        return sums == "0" ? [] : [$"{sums} transfers do not sum to zero"];
    }
}

/// <summary>A step's line in the table.</summary>
internal sealed record Row(string Step, TimeSpan Took, IReadOnlyList<Answer> Seen, DateTimeOffset From, DateTimeOffset To)
{
    public const string Head = "step                                      s     202    503   no answer   5xx   outage s   read outage s";

    public override string ToString()
    {
        int Count(Func<Answer, bool> holds) => Seen.Count(holds);
        return $"{Step,-36}{Took.TotalSeconds,7:0.0}{Count(a => a is { IsRead: false, Status: 202 }),8}{Count(a => a is { Status: 503, IsAllowed: true }),7}"
            + $"{Count(a => a.Status == 0),12}{Count(a => !a.IsAllowed),6}{Longest(a => a is { IsRead: false, Status: 202 }),11:0.0}"
            + $"{Longest(a => a is { IsRead: true, Status: 200 }),16:0.0}";
    }

    /// <summary>The longest time without a good answer, in seconds.</summary>
    private double Longest(Func<Answer, bool> isGood)
    {
        var times = Seen.Where(isGood).Select(answer => answer.At).Order().Prepend(From).Append(To).ToList();
        return times.Zip(times.Skip(1)).Max(pair => (pair.Second - pair.First).TotalSeconds);
    }
}
