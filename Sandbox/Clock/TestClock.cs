using Npgsql;
using NpgsqlTypes;

namespace Sandbox.Clock;

/// <summary>What the clock of due dates says, and what the database's own does; UTC.</summary>
internal readonly record struct ClockTime(DateTime Now, DateTime RealNow);

/// <summary>
/// The clock of due dates: the row of <c>business_clock</c>, which every service reads by <c>business_now()</c>. Turning it is one transaction: of two that
/// turn it at the same time the second goes on from where the first left it.
/// </summary>
internal sealed class TestClock(NpgsqlDataSource database)
{
    private const string Lock = "LOCK TABLE business_clock IN SHARE ROW EXCLUSIVE MODE";
    private const string Read = "SELECT business_now(), now()";

    // In seconds: days of an interval are added by the calendar of the session's time zone, in which one may have 23 hours.
    private const string Write =
        """
        INSERT INTO business_clock (id, ahead) VALUES (true, make_interval(secs => extract(epoch FROM $1 - now())::float8))
        ON CONFLICT (id) DO UPDATE SET ahead = excluded.ahead
        """;

    private const string Reset = "DELETE FROM business_clock";

    /// <summary>What it says.</summary>
    public async Task<ClockTime> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await ReadAsync(connection, cancellationToken);
    }

    /// <summary>Turns it on.</summary>
    /// <returns>What it says then; or the member of the step that is not acceptable, and nothing has changed.</returns>
    public async Task<(ClockTime Time, (string Field, string Message)? Fault)> TurnAsync(ClockStep step, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, new(Lock), cancellationToken);
        var clock = await ReadAsync(connection, cancellationToken);
        var (time, fault) = step.From(clock);
        if (time is not { } next) return (clock, fault);
        var write = new NpgsqlCommand(Write) { Parameters = { new NpgsqlParameter<DateTime> { TypedValue = next, NpgsqlDbType = NpgsqlDbType.TimestampTz } } };
        await ExecuteAsync(connection, write, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (clock with { Now = next }, null);
    }

    /// <summary>Sets it to the real time, the only way back.</summary>
    public async Task<ClockTime> ResetAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, new(Reset), cancellationToken);
        return await ReadAsync(connection, cancellationToken);
    }

    private static async Task<ClockTime> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Read, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new(row.GetDateTime(0), row.GetDateTime(1));
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var _ = command;
        command.Connection = connection;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
