using System.Diagnostics.Metrics;
using Processor.Worker.Transactions;

namespace Processor.Worker.Work;

/// <summary>
/// What an operator has to mend, as this worker sees it now: wrong settings, a database that refuses what must be written. Each problem has a name and a
/// sentence; it is logged as an error when it begins and again every <see cref="LogEvery"/>, counted by a gauge, and shown by <c>/health/worker</c>, which
/// reads it from this worker's row. A problem ends when it is resolved, or when nobody has reported it for <see cref="ForgetAfter"/>.
/// </summary>
internal sealed partial class Problems
{
    public static readonly TimeSpan LogEvery = TimeSpan.FromMinutes(5), ForgetAfter = TimeSpan.FromMinutes(15);

    /// <summary>More are not told: the first ones say what is wrong.</summary>
    private const int MaxTold = 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Problem> _problems = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    public Problems(IMeterFactory meters, TimeProvider clock, ILogger<Problems> logger)
    {
        (_clock, _logger) = (clock, logger);
        meters.Create(ProcessingMetrics.Name).CreateObservableGauge(
            "aspirewebhooks.worker.problems", () => Current.Count, "{problem}", "What an operator has to mend");
    }

    /// <summary>The sentences, oldest first.</summary>
    public IReadOnlyList<string> Current
    {
        get
        {
            Problem[] problems;
            lock (_lock) problems = [.. _problems.Values.Where(problem => !IsOld(problem))];
            return [.. problems.OrderBy(problem => problem.Since).Select(problem => problem.Sentence).Take(MaxTold)];
        }
    }

    /// <summary>It is so now.</summary>
    /// <param name="name">A short name: the same problem reported again replaces its sentence.</param>
    /// <param name="sentence">What is wrong and what to do; no secrets.</param>
    public void Report(string name, string sentence)
    {
        var now = _clock.GetTimestamp();
        lock (_lock)
        {
            foreach (var old in _problems.Where(problem => IsOld(problem.Value)).Select(problem => problem.Key).ToArray()) _problems.Remove(old);
            var isKnown = _problems.TryGetValue(name, out var known);
            var isToLog = !isKnown || _clock.GetElapsedTime(known.LoggedAt) >= LogEvery;
            _problems[name] = new(sentence, isKnown ? known.Since : now, now, isToLog ? now : known.LoggedAt);
            if (!isToLog) return;
        }

        Reported(sentence);
    }

    /// <summary>It is not so any more; nothing, when it was not.</summary>
    public void Resolve(string name)
    {
        Problem problem;
        lock (_lock)
        {
            if (!_problems.Remove(name, out problem)) return;
        }

        Resolved(problem.Sentence);
    }

    private bool IsOld(Problem problem) => _clock.GetElapsedTime(problem.ReportedAt) >= ForgetAfter;

    private readonly record struct Problem(string Sentence, long Since, long ReportedAt, long LoggedAt);

    [LoggerMessage(120, LogLevel.Error, "{Problem}")]
    private partial void Reported(string problem);

    [LoggerMessage(121, LogLevel.Information, "Resolved: {Problem}")]
    private partial void Resolved(string problem);
}
