using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Data.Webhooks;

namespace Contracts.Tests.Receivers;

/// <summary>
/// Our signatures, verified by the libraries of the Standard Webhooks project, which receivers use; and theirs by ours. NuGet's StandardWebhooks is not one of
/// them: its Verify overlooks the last of several signatures.
/// </summary>
public sealed class OfficialLibraryTests
{
    private readonly WebhookSecret _secret = WebhookSecret.New(RandomNumberGenerator.Fill), _old = WebhookSecret.New(RandomNumberGenerator.Fill);

    [Fact]
    public async Task Npms_library_and_we_verify_what_the_other_signs() => await CompareAsync(await OfficialLibrary.OfNodeAsync());

    [Fact]
    public async Task Pythons_library_and_we_verify_what_the_other_signs() => await CompareAsync(await OfficialLibrary.OfPythonAsync());

    private async Task CompareAsync(OfficialLibrary library)
    {
        SentWebhook[] sent = [.. Bodies().Select(happened => SentWebhook.Of(happened.Event, [_secret], happened.Style))];
        SentWebhook[] rotated = [.. Bodies().Select(happened => SentWebhook.Of(happened.Event, [_secret, _old], happened.Style))];
        Question[] valid = [.. sent.Concat(rotated).Select(webhook => Ask(webhook, _secret)), .. rotated.Select(webhook => Ask(webhook, _old))];
        Question[] invalid = [.. Invalid(sent[0])];
        var toSign = sent.Select(webhook => Ask(webhook, _secret) with { Signature = null }).ToArray();

        var said = await library.AskAsync([.. valid, .. invalid, .. toSign]);

        Assert.Equal(valid.Length + invalid.Length + toSign.Length, said.Length);
        Assert.All(said.Take(valid.Length), one => Assert.Equal("valid", one));
        Assert.DoesNotContain("valid", said.Skip(valid.Length).Take(invalid.Length));
        var signatures = said.Skip(valid.Length + invalid.Length).ToArray();
        Assert.Equal(sent.Select(webhook => webhook.Signature), signatures);
        foreach (var (webhook, signature) in sent.Zip(signatures))
            Assert.Equal(WebhookVerification.Valid, StandardWebhooks.Verify(
                [_secret], webhook.Id, webhook.Timestamp, signature, webhook.Body, Time(webhook.Timestamp), TimeSpan.FromMinutes(5)));
    }

    /// <summary>Every type of events, in the envelope; charges in the flat style too.</summary>
    private static IEnumerable<(WebhookEvent Event, string Style)> Bodies() =>
        WebhookEvents.OfResources.Select(type => (SentWebhook.Event(type), PayloadStyle.Envelope)).Append((SentWebhook.Event(), PayloadStyle.Flat));

    private IEnumerable<Question> Invalid(SentWebhook right)
    {
        yield return Ask(right, _old);
        yield return Ask(right with { Id = "evt_another" }, _secret);
        yield return Ask(right with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(right.Body) + " ") }, _secret);
        yield return Ask(SentWebhook.Of(SentWebhook.Event(), [_secret], late: TimeSpan.FromMinutes(10)), _secret);
        yield return Ask(SentWebhook.Of(SentWebhook.Event(), [_secret], late: TimeSpan.FromMinutes(-10)), _secret);
    }

    private static Question Ask(SentWebhook webhook, WebhookSecret secret) =>
        new(secret.Reveal(), webhook.Id, webhook.Timestamp, webhook.Signature, Convert.ToBase64String(webhook.Body));

    private static DateTimeOffset Time(string timestamp) => DateTimeOffset.FromUnixTimeSeconds(long.Parse(timestamp, CultureInfo.InvariantCulture));
}
