using System.Text.Json;
using Contracts;
using Processor.Worker.Tests.Webhooks;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Notices;

/// <summary>Whole workers: from what happens to who is told.</summary>
[Trait("Kafka", "yes")]
public sealed class NoticesTests(Servers servers) : IAsyncLifetime
{
    private World _world = null!;
    private WebhookRows _rows = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await World.CreateAsync(servers);
        _rows = new(_world);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _rows.DisposeAsync();
    }

    [Fact]
    public async Task Dead_letters_of_two_workers_are_told_once_an_hour_by_mail_and_to_the_endpoints_that_ask()
    {
        await using var mails = await MailServer.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync(_ => 204);
        await _rows.AddEndpointAsync(receiver.UrlOf("ops"), types: [WebhookEvents.OperationsDeadLetter]);
        await _rows.AddEndpointAsync(receiver.UrlOf("of_all_resources"));
        await _rows.AddEndpointAsync(receiver.UrlOf("other_ops"), types: [WebhookEvents.OperationsWorkerLost]);
        (string, string)[] settings = [.. WebhookRows.Settings, .. mails.Settings, ("Notices:PortalUrl", "https://pay.example")];
        _world.StartWorker(null, settings);
        _world.StartWorker(null, settings);

        foreach (var partition in Enumerable.Range(0, Topics.Partitions)) await _world.ProduceAsync("k"u8.ToArray(), "rubbish"u8.ToArray(), partition);
        await _rows.UntilAsync($"count(*) = {Topics.Partitions} FROM dead_letters");
        await _rows.UntilAsync("count(*) > 0 AND count(*) = count(mailed_at) FROM notices");
        var told = (int)await _world.ScalarAsync<long>("SELECT count(*) FROM notices"); // Two when an hour ended meanwhile.
        await _rows.UntilDeliveredAsync(told);

        Assert.InRange(told, 1, 2);
        Assert.Equal(told, mails.Caught.Count);
        Assert.Equal("[AspireWebhooks] Dead letter: transactions:undecodable", mails.Caught.First().Mail.Subject);
        Assert.Contains("https://pay.example/admin/dlq?topic=transactions", mails.Caught.First().Mail.TextBody, StringComparison.Ordinal);
        Assert.Equal(told, receiver.Caught.Count);
        Assert.All(receiver.Caught, caught => Assert.Equal("ops", caught.Path));
        var payload = JsonElement.Parse(receiver.Caught.First().Body);
        Assert.Equal(WebhookEvents.OperationsDeadLetter, payload.GetProperty("type").GetString());
        var data = payload.GetProperty("data");
        Assert.Equal("dead_letter:transactions:undecodable", data.GetProperty("cause").GetString());
        Assert.Equal("https://pay.example/admin/dlq?topic=transactions", data.GetProperty("link").GetString());
        Assert.StartsWith("Somebody else wrote to the topic", data.GetProperty("what_to_do").GetString(), StringComparison.Ordinal);
    }
}
