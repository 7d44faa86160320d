using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ServiceDefaults.Problems;
using ServiceDefaults.Telemetry;

namespace ServiceDefaults.Tests.Telemetry;

/// <summary>A line of the log says what happened; where in the code, only of what nobody foresaw.</summary>
public sealed class LogLineTests
{
    [Fact]
    public void A_warning_about_a_database_that_is_away_has_its_reasons_and_no_stack()
    {
        var line = LineOf(
            LogLevel.Warning, Thrown(new AwayException("Failed to connect to 10.0.0.1:5432", new SocketException((int)SocketError.ConnectionRefused))));

        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d{3} warn: Shop\.Orders\[7\] Orders wait: Failed to connect to 10\.0\.0\.1:5432: Connection refused\n$", line);
    }

    [Theory]
    [InlineData(typeof(HttpRequestException)), InlineData(typeof(TimeoutException))]
    [InlineData(typeof(IOException)), InlineData(typeof(OperationCanceledException))]
    public void Nor_has_one_about_a_service_that_is_away(Type type) =>
        Assert.DoesNotContain(" at ", LineOf(LogLevel.Warning, Thrown((Exception)Activator.CreateInstance(type, "away")!)), StringComparison.Ordinal);

    [Theory, InlineData(LogLevel.Warning), InlineData(LogLevel.Error)]
    public void What_nobody_foresaw_keeps_its_stack_in_one_line(LogLevel level)
    {
        var line = LineOf(level, Thrown(new InvalidOperationException("a mistake")));

        Assert.Contains("InvalidOperationException: a mistake", line, StringComparison.Ordinal);
        Assert.Contains($" at {typeof(LogLineTests)}", line, StringComparison.Ordinal);
        Assert.Single(line.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void An_error_keeps_it_whatever_it_is() =>
        Assert.Contains($" at {typeof(LogLineTests)}", LineOf(LogLevel.Error, Thrown(new IOException("No space left on device"))), StringComparison.Ordinal);

    [Fact]
    public void A_reason_is_not_repeated() =>
        Assert.Equal("Refused by 10.0.0.1", ForeseenFaults.ReasonOf(new HttpRequestException("Refused by 10.0.0.1", new SocketExceptionSaying("Refused"))));

    private static string LineOf(LogLevel level, Exception exception)
    {
        var writer = new StringWriter { NewLine = "\n" };
        new LogLineFormatter().Write(new LogEntry<string>(level, "Shop.Orders", 7, "Orders wait", exception, (state, _) => state), null, writer);
        return writer.ToString();
    }

    private static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception caught)
        {
            return caught;
        }
    }

    private sealed class AwayException(string message, Exception inner) : DbException(message, inner)
    {
        public override bool IsTransient => true;
    }

    private sealed class SocketExceptionSaying(string message) : Exception(message);
}
