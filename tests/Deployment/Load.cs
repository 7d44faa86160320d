using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Deployment;

/// <summary>
/// Senders as real ones are: each webhook is sent until it is answered 202, at a steady rate whatever the system does. And a reader, of what was accepted.
/// </summary>
internal sealed class Load(Uri url, string apiKey, TimeProvider clock) : IAsyncDisposable
{
    private const int Senders = 10;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250), Patience = TimeSpan.FromSeconds(10), Settling = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromSeconds(20) })
    {
        BaseAddress = url,
        Timeout = Patience,
        DefaultRequestHeaders = { { "X-API-Key", apiKey } },
    };
    private readonly CancellationTokenSource _ended = new();
    private readonly List<Task> _running = [];

    /// <summary>Every id that was answered 202.</summary>
    public ConcurrentDictionary<string, DateTimeOffset> Accepted { get; } = new();

    /// <summary>Every answer: when, whether to a read, its status (0: none), whether it is one that may be given.</summary>
    public ConcurrentQueue<Answer> Answers { get; } = new();

    public static JsonObject Webhook(string id) => new()
    {
        ["transaction_id"] = id,
        ["source_account"] = "acc_prove",
        ["destination_account"] = "acc_merchant",
        ["amount"] = "1.00",
        ["currency"] = "USD",
    };

    public void Start(CancellationToken cancellationToken)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
        for (var i = 0; i < Senders; i++) _running.Add(SendAsync(i, stop.Token));
        _running.Add(ReadAsync(stop.Token));
    }

    /// <summary>Does something to the cluster, waits until that has settled, and says what senders and readers saw meanwhile.</summary>
    public async Task<Row> DuringAsync(Step step, CancellationToken cancellationToken)
    {
        Console.WriteLine($"{step.Name} ...");
        var begun = clock.GetUtcNow();
        await step.DoAsync(cancellationToken);
        var done = clock.GetUtcNow();
        await Task.Delay(Settling, clock, cancellationToken);
        var seen = Answers.Where(answer => answer.At >= begun).ToList();
        var row = new Row(step.Name, done - begun, seen, begun, clock.GetUtcNow());
        Console.WriteLine(row);
        return row;
    }

    public async Task EndAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAll(_running);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _http.Dispose();
        _ended.Dispose();
    }

    private async Task SendAsync(int sender, CancellationToken stop)
    {
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"prove_{sender}_{n}_{Guid.NewGuid():N}");
            Task<HttpResponseMessage> PostAsync() => _http.PostAsJsonAsync("/v1/webhooks/transactions", Webhook(id), stop);
            while (!stop.IsCancellationRequested && await AskAsync(isRead: false, PostAsync) != 202) await PauseAsync(stop);
            if (!stop.IsCancellationRequested) Accepted[id] = clock.GetUtcNow();
            await PauseAsync(stop);
        }
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (Accepted.Keys.FirstOrDefault() is { } id) await AskAsync(isRead: true, () => _http.GetAsync($"/v1/transactions/{id}", stop));
            await PauseAsync(stop);
        }
    }

    private async Task<int> AskAsync(bool isRead, Func<Task<HttpResponseMessage>> ask)
    {
        try
        {
            using var response = await ask();
            var status = (int)response.StatusCode;
            Answers.Enqueue(new(clock.GetUtcNow(), isRead, status, status < 500 || (status == 503 && response.Headers.RetryAfter is not null)));
            return status;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            if (!_ended.IsCancellationRequested) Answers.Enqueue(new(clock.GetUtcNow(), isRead, 0, true));
            return 0;
        }
    }

    private async Task PauseAsync(CancellationToken stop) => await Task.Delay(Between, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

/// <summary>An answer, or none.</summary>
internal sealed record Answer(DateTimeOffset At, bool IsRead, int Status, bool IsAllowed);
