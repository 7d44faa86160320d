using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Faults.Load;
using Faults.Printing;
using Faults.Running;
using Support;

namespace Faults.Invariants;

/// <summary>
/// The payments made since a moment, held against each other: what the callers were answered, our rows, the bank's own books, and the ledger.
/// </summary>
internal sealed class Books
{
    private readonly RunningSystem _system;

    private Books(RunningSystem system, long last) => (_system, Last) = (system, last);

    /// <summary>The last payment before that moment: the seed's, or another test's.</summary>
    public long Last { get; }

    public static async Task<Books> OpenAsync(RunningSystem system, CancellationToken stop) =>
        new(system, await system.AskAsync<long>("SELECT coalesce(max(id), 0) FROM payments", stop));

    /// <summary>Waits until every payment has its outcome.</summary>
    public Task UntilSettledAsync(TimeSpan patience, CancellationToken stop) => Eventually.TrueAsync(
        token => _system.AskAsync<bool>("SELECT NOT EXISTS (SELECT FROM payments WHERE processed_at IS NULL)", token), stop, patience);

    /// <summary>How many have ended how.</summary>
    public Task<string> DescribeAsync(CancellationToken stop) => _system.AskAsync<string>(
        $"""
        SELECT coalesce(string_agg(line, ', '), 'no payments')
        FROM (SELECT type || ' ' || status || ' ' || count(*) AS line FROM payments WHERE id > {Last} GROUP BY type, status ORDER BY 1) AS lines
        """, stop);

    /// <summary>What does not agree, a sentence each. All payments must be settled.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync(Payer payer, Journal journal, CancellationToken stop)
    {
        var differences = new List<string>(payer.Problems);
        await LookAtRowsAsync(payer, differences, stop);
        await LookAtBankAsync(differences, stop);
        if (await LedgerCheck.RunAsync(_system, journal, stop) is { } difference) differences.Add(difference);
        return differences;
    }

    private async Task LookAtRowsAsync(Payer payer, List<string> differences, CancellationToken stop)
    {
        if (await _system.AskAsync<long>("SELECT count(*) FROM holds", stop) is > 0 and var holds) differences.Add($"{holds} holds are left");
        if (await _system.AskAsync<long>($"SELECT count(*) FROM payments WHERE id > {Last}", stop) is var rows && rows != payer.Paid.Count)
            differences.Add($"{payer.Paid.Count} payments were answered 202, and there are {rows} rows");
        if (payer.Paid.GroupBy(paid => paid.Id).Where(same => same.Count() > 1).ToList() is { Count: > 0 } twice)
            differences.Add($"{twice.Count} payments were answered to two keys");

        await using var command = _system.Database.CreateCommand($"SELECT id, user_id, type, amount::numeric(19,2)::text FROM payments WHERE id > {Last}");
        await using var row = await command.ExecuteReaderAsync(stop);
        var stored = new HashSet<Paid>();
        while (await row.ReadAsync(stop)) stored.Add(new Paid(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3)));
        differences.AddRange(payer.Paid.Where(paid => !stored.Contains(paid)).Select(paid => $"{paid} has no such row"));
    }

    /// <summary>What the bank says of each: done is success, and nothing else is.</summary>
    private async Task LookAtBankAsync(List<string> differences, CancellationToken stop)
    {
        using var bank = _system.CreateClient(RunningSystem.Sandbox, TimeSpan.FromSeconds(30));
        await using var command = _system.Database.CreateCommand($"SELECT id, status FROM payments WHERE id > {Last}");
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            var transfer = new Uri(string.Create(CultureInfo.InvariantCulture, $"/transfers/{row.GetInt64(0)}"), UriKind.Relative);
            using var answer = await bank.GetAsync(transfer, stop);
            var said = answer.StatusCode == HttpStatusCode.NotFound
                ? "never seen"
                : (await answer.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("status").GetString();
            if ((said == "success") != (row.GetString(1) == "success"))
                differences.Add($"payment {row.GetInt64(0)} is {row.GetString(1)}, and the bank says {said}");
        }
    }
}
