using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Processor.Worker.Work;

namespace Processor.Worker.Tests.Work;

public sealed class ProblemsTests : ILogger<Problems>, IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<LogLevel> _logged = [];
    private readonly Problems _problems;

    public ProblemsTests() => _problems = new(_services.GetRequiredService<IMeterFactory>(), _clock, this);

    public void Dispose() => _services.Dispose();

    [Fact]
    public void A_problem_is_told_until_it_is_resolved()
    {
        _problems.Report("a", "Mend a.");
        _problems.Report("b", "Mend b.");
        Assert.Equal(["Mend a.", "Mend b."], _problems.Current);

        _problems.Resolve("a");

        Assert.Equal(["Mend b."], _problems.Current);
    }

    [Fact]
    public void A_problem_that_goes_on_is_logged_once_in_five_minutes()
    {
        for (var second = 0; second < 360; second++)
        {
            _problems.Report("a", $"Mend a, {second}.");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([LogLevel.Error, LogLevel.Error], _logged);
        Assert.Equal(["Mend a, 359."], _problems.Current);
    }

    [Fact]
    public void A_problem_that_nothing_reports_any_more_is_forgotten()
    {
        _problems.Report("a", "Mend a.");
        _clock.Advance(Problems.ForgetAfter);

        Assert.Empty(_problems.Current);
    }

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _logged.Add(logLevel);
}
