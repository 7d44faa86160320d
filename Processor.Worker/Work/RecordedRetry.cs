namespace Processor.Worker.Work;

/// <summary>What recording a retry did.</summary>
internal enum RecordedRetry
{
    /// <summary>The claim is released, and the row is due again after the wait.</summary>
    Recorded,

    /// <summary>The other side's callback settled it before; nothing has changed.</summary>
    IsSettled,

    /// <summary>The row was claimed again before; nothing has changed.</summary>
    Superseded,
}
