using Support;
using Systems;

namespace Faults.Running;

/// <summary>PostgreSQL's data on a disk of their own, which can be filled: a tmpfs mounted over the data folder, so only root can have one.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const string Size = "400m";

    private readonly string _data;

    private SmallDisk(string data) => _data = data;

    private string Ballast => Path.Combine(_data, "ballast");

    /// <summary>Stops the server, moves its data, starts it again.</summary>
    public static async Task<SmallDisk> PutUnderAsync(RunningSystem system, CancellationToken stop)
    {
        var server = system.Processes.Of(RunningSystem.Postgres)[0];
        // Every process of a PostgreSQL server stands in its data folder.
        var data = Proc.Folder(server.Pid);
        Signals.Send(server.Pid, Signals.Interrupt);
        await system.Processes.UntilEndedAsync(server, stop);

        var beside = $"{data}.moved";
        Directory.Move(data, beside);
        Directory.CreateDirectory(data);
        await OwnProcess.RunAsync("mount", "-t", "tmpfs", "-o", $"size={Size},mode=0700,uid=postgres,gid=postgres", "tmpfs", data);
        await OwnProcess.RunAsync("cp", "-a", $"{beside}/.", data);
        Directory.Delete(beside, recursive: true);
        await system.Processes.StartAgainAsync(server, stop);
        return new SmallDisk(data);
    }

    /// <summary>Leaves not a byte, though PostgreSQL writes meanwhile.</summary>
    public async Task FillAsync()
    {
        var zeros = new byte[64 * 1024];
        await using var ballast = new FileStream(Ballast, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 });
        try
        {
            while (true) await ballast.WriteAsync(zeros);
        }
        catch (IOException)
        {
            // No space is left: that is all this is for.
        }
    }

    public void MakeRoom() => File.Delete(Ballast);

    public async ValueTask DisposeAsync() => await OwnProcess.RunAsync("umount", _data);
}
