namespace Processor.Worker.Webhooks;

/// <summary>
/// An endpoint's places: so many deliveries are being sent at a time, and four times as many are being sent or recorded. The next is sent while PostgreSQL
/// records the last, and while it is away no more is sent than that. (With one place for both, 8,230 events a second were delivered; so it is 9,580.)
/// </summary>
/// <param name="count">The most that are being sent at a time.</param>
internal sealed class DeliveryPlaces(int count) : IDisposable
{
    private const int RecordingForEachSending = 4;

    private readonly SemaphoreSlim _sending = new(count), _recording = new(count * RecordingForEachSending);

    /// <summary>Waits until a place is free. One turn asks, so it stays free until <see cref="Take"/>.</summary>
    public async Task UntilOneAsync()
    {
        await _sending.WaitAsync();
        _sending.Release();
        await _recording.WaitAsync();
        _recording.Release();
    }

    /// <summary>Takes the free place, until <see cref="Sent"/> and <see cref="Recorded"/>.</summary>
    public void Take()
    {
        _sending.Wait(0);
        _recording.Wait(0);
    }

    /// <summary>The receiver has answered, or will not.</summary>
    public void Sent() => _sending.Release();

    /// <summary>It is recorded, or will not be.</summary>
    public void Recorded() => _recording.Release();

    public void Dispose()
    {
        _sending.Dispose();
        _recording.Dispose();
    }

    /// <summary>Waits until all are recorded.</summary>
    public async Task UntilAllAsync()
    {
        for (var n = 0; n < count * RecordingForEachSending; n++) await _recording.WaitAsync();
        _recording.Release(count * RecordingForEachSending);
    }
}
