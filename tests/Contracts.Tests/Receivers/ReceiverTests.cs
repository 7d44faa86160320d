using System.Net;
using System.Security.Cryptography;
using Data.Webhooks;

namespace Contracts.Tests.Receivers;

/// <summary>docs/receivers, each as a process, against what the worker sends.</summary>
public sealed class ReceiverTests(AllReceivers receivers) : IClassFixture<AllReceivers>
{
    public static TheoryData<string> Languages { get; } = [.. AllReceivers.Languages];

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task What_we_sign_is_acknowledged_and_handled(string language)
    {
        var receiver = receivers.Find(language);
        var (charge, transaction) = (SentWebhook.Event(), SentWebhook.Event(WebhookEvents.TransactionProcessed));
        SentWebhook[] sent = [Sign(charge), Sign(transaction), Sign(SentWebhook.Event(), PayloadStyle.Flat)];

        foreach (var webhook in sent) Assert.Equal((HttpStatusCode.NoContent, ""), await PostAsync(receiver, webhook));

        var lines = await receiver.LinesUntilAsync($"handled {sent[^1].Id} ");
        Assert.Contains($"handled {sent[0].Id} {WebhookEvents.ChargeSucceeded}", lines);
        Assert.Contains($"handled {sent[1].Id} {WebhookEvents.TransactionProcessed}", lines);
        Assert.Contains($"handled {sent[2].Id} {WebhookEvents.ChargeSucceeded}", lines);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task Every_type_of_events_is_handled(string language)
    {
        var receiver = receivers.Find(language);
        var sent = EventCatalog.Entries.Select((entry, n) =>
        {
            var happened = SentWebhook.Event(entry.Type, sequence: 1_000 + n);
            happened.Data = entry.Example;
            return (Webhook: Sign(happened), entry.Type);
        }).ToList();

        foreach (var (webhook, _) in sent) Assert.Equal((HttpStatusCode.NoContent, ""), await PostAsync(receiver, webhook));

        var lines = await receiver.LinesUntilAsync($"handled {sent[^1].Webhook.Id} ");
        Assert.All(sent, one => Assert.Contains($"handled {one.Webhook.Id} {one.Type}", lines));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task What_is_not_ours_is_refused_and_changes_nothing(string language)
    {
        var receiver = receivers.Find(language);
        var right = Sign(SentWebhook.Event());
        SentWebhook[] wrong =
        [
            right with { Body = [.. right.Body[..^1], (byte)' ', (byte)'}'] },
            right with { Id = "evt_another" },
            right with { Timestamp = $"{long.Parse(right.Timestamp) + 1}" },
            right with { Signature = "" },
            right with { Signature = "v1," },
            right with { Signature = right.Signature[..^1] },
            right with { Signature = right.Signature.Replace("v1,", "v2,") },
            SentWebhook.Of(SentWebhook.Event(), [WebhookSecret.New(RandomNumberGenerator.Fill)]),
            SentWebhook.Of(SentWebhook.Event(), [receivers.New], late: TimeSpan.FromMinutes(10)),
            SentWebhook.Of(SentWebhook.Event(), [receivers.New], late: TimeSpan.FromMinutes(-10)),
            SentWebhook.Of(SentWebhook.Event(), [receivers.New], timestamp: "soon"),
            SentWebhook.Of(SentWebhook.Event(), [receivers.New], timestamp: new string('9', 5_000)),
        ];

        foreach (var webhook in wrong)
        {
            var (status, text) = await PostAsync(receiver, webhook);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.NotEqual("", text); // It is in the delivery log, for whoever looks why.
        }

        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(receiver, right)).Status);
        var lines = await receiver.LinesUntilAsync($"handled {right.Id} ");
        Assert.All(wrong.Where(webhook => webhook.Id != right.Id), webhook => Assert.DoesNotContain(lines, line => line.Contains(webhook.Id)));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task During_rotation_either_secret_is_enough_on_either_side(string language)
    {
        var receiver = receivers.Find(language);
        var unknown = WebhookSecret.New(RandomNumberGenerator.Fill);

        foreach (var secrets in (WebhookSecret[][])
            [[receivers.New], [receivers.Old], [receivers.New, receivers.Old], [unknown, receivers.Old], [receivers.New, unknown]])
            Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(receiver, SentWebhook.Of(SentWebhook.Event(), secrets))).Status);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task An_event_that_comes_again_is_acknowledged_and_handled_once(string language)
    {
        var receiver = receivers.Find(language);
        var happened = SentWebhook.Event();
        var first = Sign(happened);

        // A retry has a new timestamp and signature; and a replay may meet it.
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => PostAsync(receiver, Sign(happened, late: TimeSpan.FromSeconds(n)))));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer.Status));
        var last = Sign(SentWebhook.Event());
        await PostAsync(receiver, last);
        Assert.Single(await receiver.LinesUntilAsync($"handled {last.Id} "), line => line.StartsWith($"handled {first.Id} ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task An_event_that_is_older_than_what_is_known_of_its_resource_is_acknowledged_and_dropped(string language)
    {
        var receiver = receivers.Find(language);
        var charge = $"{Guid.NewGuid()}";
        var refunded = Sign(SentWebhook.Event(WebhookEvents.ChargeRefunded, sequence: 12, charge));
        var succeeded = Sign(SentWebhook.Event(WebhookEvents.ChargeSucceeded, sequence: 11, charge));
        var another = Sign(SentWebhook.Event(WebhookEvents.ChargeSucceeded, sequence: 10));
        var again = Sign(SentWebhook.Event(WebhookEvents.ChargeRefunded, sequence: 13, charge));

        foreach (var webhook in (SentWebhook[])[refunded, succeeded, another, again])
            Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(receiver, webhook)).Status);

        var lines = await receiver.LinesUntilAsync($"handled {again.Id} ");
        Assert.Contains($"handled {refunded.Id} {WebhookEvents.ChargeRefunded}", lines);
        Assert.Contains($"handled {another.Id} {WebhookEvents.ChargeSucceeded}", lines);
        Assert.Contains(lines, line => line.StartsWith($"dropped {succeeded.Id} ", StringComparison.Ordinal));
        Assert.DoesNotContain($"handled {succeeded.Id} {WebhookEvents.ChargeSucceeded}", lines);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task Only_webhooks_of_an_acceptable_size_are_taken(string language)
    {
        var receiver = receivers.Find(language);
        var large = Sign(SentWebhook.Event()) with { Body = new byte[1024 * 1024 + 1] };

        Assert.Equal(HttpStatusCode.NotFound, (await Sign(SentWebhook.Event()).PostAsync(receivers.Http, new(receiver.Url, "/other"))).Status);
        try
        {
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(receiver, large)).Status);
        }
        catch (HttpRequestException)
        {
            // A connection that is closed while the body is still sent may take the answer along.
        }

        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(receiver, Sign(SentWebhook.Event()))).Status);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task A_receiver_without_a_secret_does_not_start_and_says_why(string language)
    {
        receivers.Find(language);

        foreach (var secrets in (string[])["", "whsec_tooshort"])
        {
            var (code, errors) = await RunningReceiver.RefusalAsync(language, secrets);
            Assert.Equal(1, code);
            Assert.Contains("WEBHOOK_SECRETS: a secret is whsec_ and at least 24 bytes in base64", errors, StringComparison.Ordinal);
        }
    }

    private SentWebhook Sign(WebhookEvent happened, string style = PayloadStyle.Envelope, TimeSpan late = default) =>
        SentWebhook.Of(happened, [receivers.New], style, late);

    private Task<(HttpStatusCode Status, string Text)> PostAsync(RunningReceiver receiver, SentWebhook webhook) =>
        webhook.PostAsync(receivers.Http, receiver.Url);
}
