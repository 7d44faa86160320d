using System.Runtime.InteropServices;
using LocalHosting.Processes;

namespace LocalHosting.Running;

/// <summary>The wish to end: Ctrl-C, SIGTERM, a closed terminal, or `dotnet run` gone from above us (it was killed and could tell nobody).</summary>
internal sealed class EndSignal : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly ITimer? _parentWatch;

    public EndSignal(TimeProvider time)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                End(signal == PosixSignal.SIGINT ? "Ctrl-C" : $"{signal}");
            }));
        }
        var parent = Posix.ParentId();
        if (!IsDotnetRun(parent))
            return;
        _parentWatch = time.CreateTimer(_ =>
        {
            if (Posix.ParentId() != parent)
                End("`dotnet run` is gone");
        }, null, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5));
    }

    public CancellationToken Token => _end.Token;

    public string Reason { get; private set; } = "";

    public void Dispose()
    {
        _parentWatch?.Dispose();
        _registrations.ForEach(registration => registration.Dispose());
        _end.Dispose();
    }

    private void End(string reason)
    {
        if (Reason.Length > 0)
            return;
        Reason = reason;
        _end.Cancel();
    }

    // A shell may end while a program started from it with nohup goes on: only `dotnet run` is one with us.
    private static bool IsDotnetRun(int parent)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{parent}/cmdline").Split('\0');
            return Path.GetFileNameWithoutExtension(line[0]) == "dotnet" && line.Any(word => word is "run" or "watch");
        }
        catch (IOException)
        {
            return false;
        }
    }
}
