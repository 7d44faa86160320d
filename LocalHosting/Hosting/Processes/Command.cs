using System.Diagnostics;

namespace LocalHosting.Processes;

/// <summary>A process to be started.</summary>
internal sealed record Command(string File, params string[] Args)
{
    public string WorkingDirectory { get; init; } = "/";

    /// <summary>Set, or with null taken out of, what is inherited.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>User to run as; only root can say.</summary>
    public string? User { get; init; }

    /// <summary>What the child is sent when this process is gone, however it went.</summary>
    public string DeathSignal { get; init; } = "KILL";

    /// <summary>
    /// In a session of its own, so that a terminal's Ctrl-C reaches this process alone and the children are stopped in order;
    /// with a parent-death signal, so that kill -9 of this process leaves none behind. Both programs replace themselves: the pid stays.
    /// </summary>
    public ProcessStartInfo ToStartInfo()
    {
        var info = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] user = User is null ? [] : ["--reuid", User, "--regid", User, "--init-groups"];
        foreach (var arg in (string[])["setpriv", "--pdeathsig", DeathSignal, .. user, "--", File, .. Args])
            info.ArgumentList.Add(arg);
        foreach (var (name, value) in Environment)
            info.Environment[name] = value;
        return info;
    }
}
