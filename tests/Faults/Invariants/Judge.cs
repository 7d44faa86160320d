using Faults.Load;
using Faults.Running;

namespace Faults.Invariants;

/// <summary>What was seen from outside, and what is stored.</summary>
internal sealed record Evidence(
    IReadOnlyList<Window> Windows, IReadOnlyList<Attempt> Attempts, IReadOnlyList<Read> Reads, IReadOnlyList<Probe> Probes,
    IReadOnlyDictionary<string, StoredRow> Rows, CountingReceiver Receiver);

/// <summary>Holds the evidence against what is promised.</summary>
internal sealed class Judge(Evidence evidence)
{
    /// <summary>A call to Processing__Url takes at most its time-out of 10 s, and is recorded at once.</summary>
    private static readonly TimeSpan CallToRecord = TimeSpan.FromSeconds(15);

    private readonly List<string> _violations = [];
    private readonly Counts[] _counts = [.. evidence.Windows.Select(_ => new Counts())];

    public IReadOnlyList<Counts> Counts => _counts;

    /// <summary>Each a sentence; empty: everything that is promised was kept.</summary>
    public IReadOnlyList<string> Violations => _violations;

    public void Run()
    {
        _violations.AddRange(evidence.Windows.SelectMany(window => window.Problems.Select(problem => $"{window.Step}: {problem}")));
        foreach (var attempts in evidence.Attempts.GroupBy(attempt => attempt.Id, StringComparer.Ordinal)) JudgeTransaction([.. attempts]);
        var known = evidence.Attempts.Select(attempt => attempt.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var stranger in evidence.Rows.Keys.Where(id => !known.Contains(id))) Violated(0, stranger, "has a row and was never sent");
        foreach (var attempt in evidence.Attempts) JudgeAnswer(attempt);
        foreach (var read in evidence.Reads.Where(read => read.Status is not (0 or 200 or 503)))
            Violated(At(read.At), read.Id, $"was accepted, and a read of it is answered with {read.Status}");
        for (var i = 0; i < _counts.Length; i++) Measure(evidence.Windows[i], _counts[i]);
        _violations.AddRange(HealthTruth.Violations(evidence.Windows, evidence.Probes));
    }

    private void JudgeAnswer(Attempt attempt)
    {
        var counts = _counts[At(attempt.SentAt)];
        counts.Sent++;
        if (attempt.IsAccepted) counts.Accepted++;
        else if (attempt.Status == 0) counts.Unanswered++;
        else if (attempt.Status == 409) counts.Conflicts++;
        else counts.Refused++;
        if (attempt.Status is not (0 or 202 or 409 or 503)) Violated(At(attempt.SentAt), attempt.Id, $"is answered with {attempt.Status}");
        if (attempt is { Status: 503, SaysWhen: false }) Violated(At(attempt.SentAt), attempt.Id, "is answered with 503 without Retry-After");
    }

    private void JudgeTransaction(IReadOnlyList<Attempt> attempts)
    {
        var (id, window) = (attempts[0].Id, At(attempts[0].SentAt));
        var row = evidence.Rows.GetValueOrDefault(id);
        var accepted = attempts.Where(attempt => attempt.IsAccepted).ToList();
        if (accepted.Any(attempt => attempt.Amount != row?.Amount))
        {
            _counts[window].Lost++;
            Violated(window, id, row is null ? "was accepted and has no row" : $"was accepted with {accepted[0].Amount} and is stored with {row.Amount}");
        }

        if (accepted.Count(attempt => !attempt.SaysDuplicate) > 1)
        {
            _counts[window].Doubled++;
            Violated(window, id, "was accepted twice as new");
        }

        if (row is not null) JudgeRow(attempts, row, window);
    }

    private void JudgeRow(IReadOnlyList<Attempt> attempts, StoredRow row, int window)
    {
        var isAsSent = (row.Currency, row.Source, row.Destination) == ("USD", "acc_user_789", "acc_merchant_456");
        if (!isAsSent || !attempts.Any(attempt => attempt.Amount == row.Amount))
            Violated(window, row.Id, "is stored with a content that was never sent");
        if (attempts.Any(attempt => attempt.Status == 409 && attempt.Amount == row.Amount))
            Violated(window, row.Id, "is refused as a conflict with itself");
        if (row.Status != "PROCESSED") Violated(window, row.Id, $"is {row.Status} in the end ({row.Reason})");
        JudgeCalls(row, window);
        if (row.ProcessedAt is not { } processed) return;

        var late = processed - row.CreatedAt - Settings.Delay;
        if (late < TimeSpan.Zero) Violated(window, row.Id, $"was processed {-late} before its time");
        if (late > _counts[window].Latest) _counts[window].Latest = late;
        var lastFault = evidence.Windows.Where(w => w.Begun <= processed).Select(w => w.Ended).Append(row.CreatedAt).Max();
        if (processed > lastFault + Settings.Bound) Violated(window, row.Id, $"was processed {processed - lastFault} after the last fault had ended");
    }

    private void JudgeCalls(StoredRow row, int window)
    {
        var calls = evidence.Receiver.Calls(row.Id);
        if (calls.Count == 0 && row.Status == "PROCESSED") Violated(window, row.Id, "is PROCESSED and was never processed");
        if (calls.Count < 2) return;
        var (first, last) = (calls.Min(), calls.Max());
        // Until recovery, not the end: a worker that was paused with transactions in hand calls for them when it goes on, before it hears that
        // they have become another's (seed 371407: 9 ms before the new owner did).
        var excuse = evidence.Windows.Select((w, i) => (Window: w, Index: i))
            .Where(w => w.Window.MayRepeatCalls && first >= w.Window.Begun - CallToRecord && first <= w.Window.Recovered && last >= w.Window.Begun)
            .Select(w => (int?)w.Index).FirstOrDefault();
        if (excuse is { } index)
        {
            _counts[index].CalledTwice++;
            return;
        }

        _counts[At(first)].Doubled++;
        Violated(At(first), row.Id, $"was processed {calls.Count} times: {string.Join(", ", calls.Select(call => call.ToString("HH:mm:ss.fff", null)))}");
    }

    private void Measure(Window window, Counts counts)
    {
        (counts.Outage, counts.OutageAt) = LongestGap(window, evidence.Attempts.Where(attempt => attempt.IsAccepted).Select(attempt => attempt.AnsweredAt));
        (counts.ReadOutage, _) = LongestGap(window, evidence.Reads.Where(read => read.Status == 200).Select(read => read.At));
    }

    private static (TimeSpan Gap, TimeSpan At) LongestGap(Window window, IEnumerable<DateTimeOffset> good)
    {
        var times = good.Where(at => at > window.Begun && at < window.Recovered).Append(window.Begun).Append(window.Recovered).Order().ToList();
        return times.Zip(times.Skip(1), (a, b) => (Gap: b - a, At: a - window.Begun)).DefaultIfEmpty().MaxBy(gap => gap.Gap);
    }

    private int At(DateTimeOffset moment)
    {
        for (var i = 0; i < evidence.Windows.Count; i++)
        {
            if (moment <= evidence.Windows[i].Recovered) return i;
        }

        return evidence.Windows.Count - 1;
    }

    private void Violated(int window, string id, string how) => _violations.Add($"{evidence.Windows[window].Step}: {id} {how}.");
}
