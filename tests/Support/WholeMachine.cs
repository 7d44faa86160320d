namespace Support;

/// <summary>
/// The test projects that drive a whole system take turns. <c>dotnet test</c> runs two projects side by side, and two systems on two cores take each other's
/// processor time: of 1,000 webhooks at once beside the faults 119 had no answer within the front door's 15 s.
/// </summary>
public static class WholeMachine
{
    private static readonly string LockFile = Path.Combine(Path.GetTempPath(), "aspire-webhooks-tests.lock");

    /// <summary>As long as all the tests take, and more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    /// <summary>Waits until no other process has it. Disposing gives it up, and so does the end of the process, however it ends.</summary>
    public static async Task<IDisposable> TakeAsync(CancellationToken cancellationToken) =>
        await Eventually.GetAsync(_ => Task.FromResult(Open()), file => file is not null, cancellationToken, Patience) ?? throw new InvalidOperationException();

    private static FileStream? Open()
    {
        try
        {
            return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
