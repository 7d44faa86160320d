using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Telemetry;

/// <summary>
/// Writes each message as one line: <c>10:30:00.123 warn: Category[id] message</c>. A warning about something that is foreseen (<see cref="ForeseenFaults"/>)
/// ends with the reasons in words; the stack, a kilobyte of the same frames each time, stays in the structured log. An error keeps its stack.
/// </summary>
internal sealed class LogLineFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "lines";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var cause = logEntry.Exception switch
        {
            null => "",
            { } exception when logEntry.LogLevel <= LogLevel.Warning && ForeseenFaults.Include(exception) => $": {ForeseenFaults.ReasonOf(exception)}",
            { } exception => $" {exception}",
        };
        var time = TimeProvider.System.GetUtcNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        textWriter.WriteLine($"{time} {WordOf(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}] {message}{cause}".ReplaceLineEndings(" "));
    }

    private static string WordOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
