using System.Globalization;

namespace Faults.Clock;

/// <summary>The machine's clock, ahead by what stands in a file. Timestamps and timers are the machine's: only the clock on the wall is wrong.</summary>
public sealed class WrongClock : TimeProvider, IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly string _file;
    private readonly ITimer _timer;
    private long _aheadTicks;

    /// <summary>Looks into the file ten times a second.</summary>
    /// <param name="file">Holds a TimeSpan; right when it is not there.</param>
    public WrongClock(string file)
    {
        _file = file;
        Read();
        _timer = System.CreateTimer(_ => Read(), null, Look, Look);
    }

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref _aheadTicks));

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();

    private void Read()
    {
        try
        {
            var ahead = File.Exists(_file) && TimeSpan.TryParse(File.ReadAllText(_file), CultureInfo.InvariantCulture, out var span) ? span : TimeSpan.Zero;
            Volatile.Write(ref _aheadTicks, ahead.Ticks);
        }
        catch (IOException)
        {
            // Being written: in a tenth of a second it is not.
        }
    }
}
