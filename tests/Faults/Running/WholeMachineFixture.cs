using Faults.Running;
using Support;

[assembly: AssemblyFixture(typeof(WholeMachineFixture))]

namespace Faults.Running;

/// <summary>Has <see cref="WholeMachine"/> for as long as these tests run.</summary>
public sealed class WholeMachineFixture : IAsyncLifetime
{
    private IDisposable? _taken;

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => _taken = await WholeMachine.TakeAsync(CancellationToken.None);

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _taken?.Dispose();
        return ValueTask.CompletedTask;
    }
}
