using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Contracts;
using Support;

namespace Sandbox.Tests.Inbox;

/// <summary>A sandbox whose inbox is tested, over HTTP by a client that follows no redirects. Each test has an inbox of its own.</summary>
public sealed class InboxService : IAsyncLifetime
{
    public static readonly WebhookSecret Secret = WebhookSecret.Parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")!;

    private BankService? _sandbox;
    private int _names;

    public FakeClock Clock => _sandbox!.Clock;

    public HttpClient Http { get; private set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await BankService.StartAsync(("Inbox:Seed", "7"));
        Http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _sandbox.Client.BaseAddress };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _sandbox!.DisposeAsync();
    }

    /// <summary>The path of an inbox that nobody has used.</summary>
    public string NewInbox() => $"/sandbox/inbox/inbox-{Interlocked.Increment(ref _names)}";

    /// <summary>Delivers a body, without a signature.</summary>
    public Task<HttpResponseMessage> DeliverAsync(string inbox, string body = "{}", string? id = null, CancellationToken? cancellationToken = null) =>
        SendAsync(HttpMethod.Post, inbox, body, cancellationToken, headers: id is null ? [] : [(StandardWebhooks.IdHeader, id)]);

    /// <summary>Delivers a body as the system does.</summary>
    /// <param name="inbox">The inbox's path.</param>
    /// <param name="secrets">What it is signed with.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="at">The time of the attempt; null: now.</param>
    /// <param name="signedBody">What is signed, if that is something else.</param>
    public Task<HttpResponseMessage> DeliverSignedAsync(
        string inbox, WebhookSecret[] secrets, string body = "{}", DateTimeOffset? at = null, string? signedBody = null)
    {
        const string Id = "evt_1";
        var timestamp = (at ?? Clock.GetUtcNow()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return SendAsync(HttpMethod.Post, inbox, body, headers:
        [
            (StandardWebhooks.IdHeader, Id), (StandardWebhooks.TimestampHeader, timestamp),
            (StandardWebhooks.SignatureHeader, StandardWebhooks.Sign(secrets, Id, timestamp, Encoding.UTF8.GetBytes(signedBody ?? body))),
        ]);
    }

    public async Task<(int Status, JsonElement Body)> PutAsync(string path, string json)
    {
        using var response = await SendAsync(HttpMethod.Put, path, json);
        return ((int)response.StatusCode, await JsonAsync(response));
    }

    /// <summary>Has an inbox behave so.</summary>
    public async Task BehaveAsync(string inbox, string json) => Assert.Equal(200, (await PutAsync($"{inbox}/behaviour", json)).Status);

    public async Task<JsonElement> LookAsync(string inbox)
    {
        using var response = await SendAsync(HttpMethod.Get, inbox);
        Assert.Equal(200, (int)response.StatusCode);
        return await JsonAsync(response);
    }

    /// <summary>Sends a request; the answer's body is read by whoever wants it.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? body = null, CancellationToken? cancellationToken = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken ?? Stop);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(Stop));
}
