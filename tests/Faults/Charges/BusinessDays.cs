using Faults.Running;
using Npgsql;

namespace Faults.Charges;

/// <summary>
/// Turns the clock by which installments fall due, as the sandbox's test clock does, but past every proxy, and while the sandbox stands still.
/// </summary>
internal sealed class BusinessDays(RunningSystem system)
{
    private const string Turn =
        "INSERT INTO business_clock (id, ahead) VALUES (true, $1) ON CONFLICT (id) DO UPDATE SET ahead = greatest(business_clock.ahead, excluded.ahead)";

    private int _ahead;

    /// <summary>The date by that clock, or a later one where it could not be turned yet.</summary>
    public DateOnly Today => DateOnly.FromDateTime(system.Settings.Clock.GetUtcNow().UtcDateTime.AddDays(_ahead));

    /// <summary>A day each time.</summary>
    public async Task RunAsync(TimeSpan each, CancellationToken end)
    {
        using var timer = new PeriodicTimer(each, system.Settings.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(end)) await TryTurnAsync(end);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Enough days.
        }
    }

    /// <summary>So many days on.</summary>
    public async Task TurnAsync(int days, CancellationToken stop)
    {
        Interlocked.Add(ref _ahead, days);
        await using var command = system.Database.CreateCommand(Turn);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = TimeSpan.FromDays(_ahead) });
        await command.ExecuteNonQueryAsync(stop);
    }

    private async Task TryTurnAsync(CancellationToken end)
    {
        try
        {
            await TurnAsync(1, end);
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
        {
            // The database is away; the next turn makes up for it.
        }
    }
}
