using Faults.Invariants;
using Faults.Load;
using Faults.Printing;
using Support;

namespace Faults.Running;

/// <summary>
/// Ingest.Api and Query.Api of another build, each with an address of its own, and what is sent to them and read from them: webhooks, deposits and withdrawals,
/// which are in every release. Their webhooks are judged with those of the front door, their payments against the bank's books.
/// </summary>
internal sealed class PreviousDoors : IAsyncDisposable
{
    private const int Users = 4, Payments = 200, AtATime = 4, WebhooksASecond = 20;

    private static readonly TimeSpan ToSettle = TimeSpan.FromMinutes(4);

    private readonly Twin _ingest, _query;
    private readonly HttpClient _writes, _reads;
    private readonly Books _books;
    private readonly Payer _payer;
    private readonly Sender _sender;
    private readonly Reader _reader;

    private PreviousDoors(Twin ingest, Twin query, Books books, IReadOnlyList<(long Id, string Key)> users, Settings settings)
    {
        (_ingest, _query, _books) = (ingest, query, books);
        (_writes, _reads) = (ClientOf(ingest), ClientOf(query));
        _payer = new Payer(_writes, users, settings.Seed, settings.Clock);
        _sender = new Sender(_writes, $"previous_{settings.Seed}", new Random(settings.Seed), settings.Clock);
        _reader = new Reader(_reads, _sender, new Random(settings.Seed), settings.Clock);
    }

    public static async Task<PreviousDoors> OpenAsync(RunningSystem system, PreviousBuild previous, CancellationToken stop)
    {
        var users = await PayingUsers.AddAsync(system, "previous", Users, stop);
        var ingest = await Twin.StartAsync(system, RunningSystem.Ingest, program: previous.ProgramOf("Ingest.Api"));
        var query = await Twin.StartAsync(system, RunningSystem.Query, program: previous.ProgramOf("Query.Api"));
        foreach (var twin in (Twin[])[ingest, query]) await Eventually.TrueAsync(twin.IsReadyAsync, stop, Settings.Bound);
        return new(ingest, query, await Books.OpenAsync(system, stop), users, system.Settings);
    }

    /// <summary>Webhooks and reads for as long as the payments take.</summary>
    public async Task UseAsync(CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] webhooks = [_sender.RunAsync(WebhooksASecond, end.Token), _reader.RunAsync(end.Token)];
        await _payer.RunAsync(Payments, AtATime, stop);
        await end.CancelAsync();
        await Task.WhenAll(webhooks);
        await _books.UntilSettledAsync(ToSettle, stop);
    }

    /// <summary>With what came through these doors.</summary>
    public Evidence AddTo(Evidence evidence) =>
        evidence with { Attempts = [.. evidence.Attempts, .. _sender.Attempts], Reads = [.. evidence.Reads, .. _reader.Reads] };

    /// <summary>What does not agree about the payments, a sentence each.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync(Journal journal, CancellationToken stop)
    {
        journal.Say($"at the previous services: {_sender.Attempts.Count} webhooks, {_reader.Reads.Count} reads, {await _books.DescribeAsync(stop)}");
        return await _books.DifferencesAsync(_payer, journal, stop);
    }

    public async ValueTask DisposeAsync()
    {
        _writes.Dispose();
        _reads.Dispose();
        await _ingest.DisposeAsync();
        await _query.DisposeAsync();
    }

    private static HttpClient ClientOf(Twin twin) =>
        new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = twin.Address, Timeout = TimeSpan.FromSeconds(10) };
}
