using LocalHosting.Processes;

namespace LocalHosting.Running;

/// <summary>What it takes to have one kind of resource running.</summary>
internal interface IWork
{
    /// <summary>Processes it has started; none for a database or an external broker.</summary>
    IReadOnlyList<Child> Children { get; }

    /// <summary>False where nothing it held survives its process, so that starting it again would only hide the loss.</summary>
    bool CanStartAgain => true;

    /// <summary>Returns once the processes are started. Called again where what died is started again.</summary>
    Task StartAsync(CancellationToken ct);

    /// <summary>Returns once it serves, with what there is to say about it: where it listens, where its data lie.</summary>
    Task<string> ReadyAsync(CancellationToken ct);

    /// <summary>Stops its processes; the caller has stopped everything that uses it.</summary>
    Task StopAsync();
}
