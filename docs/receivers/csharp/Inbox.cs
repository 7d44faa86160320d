using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;

namespace Receiver;

/// <summary>
/// Takes each event once, and hands it on after it was acknowledged. In memory, for trying it out. Yours is a table with the webhook-id as its key, written
/// before the answer: what was answered with 2xx is not sent again. It keeps ids for as long as events can be replayed: 90 days.
/// </summary>
public sealed class Inbox : BackgroundService
{
    private readonly ConcurrentDictionary<string, bool> _ids = [];
    private readonly Dictionary<string, long> _newest = [];
    private readonly Channel<WebhookEvent> _queue = Channel.CreateUnbounded<WebhookEvent>();

    /// <summary>False when it has come before. <c>INSERT ... ON CONFLICT (id) DO NOTHING</c>.</summary>
    public bool Take(WebhookEvent received) => _ids.TryAdd(received.Id, true) && _queue.Writer.TryWrite(received);

    /// <summary>Handles events one after the other.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var received in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                if (IsNewest(received)) Handle(received);
                else Console.WriteLine($"dropped {received.Id} {received.Type}: a newer event of its resource was here first");
            }
            catch (Exception exception)
            {
                // In your table it is still there: try it again.
                Console.WriteLine($"failed {received.Id} {received.Type}: {exception.Message}");
            }
        }
    }

    /// <summary>Your work. It may take its time: the sender has its answer.</summary>
    private static void Handle(WebhookEvent received) => Console.WriteLine($"handled {received.Id} {received.Type}");

    private bool IsNewest(WebhookEvent received)
    {
        if (received.Sequence is not { } sequence || IdOf(received.Data) is not { } id) return true;
        var resource = $"{received.Type.Split('.')[0]}:{id}";
        if (sequence < _newest.GetValueOrDefault(resource)) return false;
        _newest[resource] = sequence;
        return true;
    }

    private static string? IdOf(JsonElement data) => data.TryGetProperty("transaction_id", out var id) || data.TryGetProperty("id", out id) ? $"{id}" : null;
}
