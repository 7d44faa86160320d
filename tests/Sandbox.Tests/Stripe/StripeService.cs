using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Stripe;
using Support;

namespace Sandbox.Tests;

/// <summary>The sandbox's Stripe on its own Kestrel, with Stripe.net as its client, a clock that the test turns and somebody who receives webhooks.</summary>
public sealed class StripeService(StripeMock mock) : IAsyncLifetime
{
    public const string Secret = "whsec_test_pässword";

    private const string Key = "sk_test_123";

    private WebApplicationFactory<Program>? _factory;
    private int _keys;

    public FakeClock Clock { get; } = new();

    /// <summary>Without credentials and keys: what a test sends is what it says.</summary>
    public HttpClient Http { get; private set; } = null!;

    /// <summary>As a system of ours has it: no retries of its own.</summary>
    public V1Services V1 { get; private set; } = null!;

    internal Receiver Receiver { get; private set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Receiver = await Receiver.StartAsync();
#pragma warning disable CA2000 // The factory that WithWebHostBuilder derives from is disposed with it.
        _factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
#pragma warning restore CA2000
        {
            host.UseSetting("environment", "Development");
            host.UseSetting("urls", "http://127.0.0.1:0");
            host.ConfigureLogging(logging => logging.ClearProviders());
            host.UseSetting("WEBHOOK_SECRET", BankService.Secret);
            host.UseSetting("Bank:CallbackUrl", "http://127.0.0.1:1");
            host.UseSetting("STRIPE_WEBHOOK_SECRET", Secret);
            host.UseSetting("Stripe:WebhookUrl", Receiver.Address);
            host.UseSetting("Stripe:Webhooks", "late");
            host.UseSetting("Stripe:Seed", "7");
            host.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(Clock));
        });
        _factory.UseKestrel();
        _factory.StartServer();
        Http = _factory.CreateClient();
        V1 = new StripeClient(new StripeClientOptions
        {
            ApiKey = Key,
            ApiBase = Http.BaseAddress!.GetLeftPart(UriPartial.Authority),
            HttpClient = new SystemNetHttpClient(new HttpClient(mock.AskedToo()), maxNetworkRetries: 0, null, enableTelemetry: false),
        }).V1;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _factory!.DisposeAsync();
        await Receiver.DisposeAsync();
    }

    /// <summary>What a charge of ours sends.</summary>
    public static PaymentIntentCreateOptions Charge(
        string? card = "pm_card_visa", long amount = 1050, string currency = "usd", string? customer = null) => new()
        {
            Amount = amount,
            Currency = currency,
            PaymentMethod = card,
            Customer = customer,
            Confirm = true,
            OffSession = true,
            Description = "Charge é",
            Metadata = new() { ["charge_id"] = "5" },
            AutomaticPaymentMethods = new() { Enabled = true, AllowRedirects = "never" },
        };

    /// <summary>Charges a card, under a key of its own unless one is given.</summary>
    public Task<PaymentIntent> ChargeAsync(PaymentIntentCreateOptions? charge = null, string? key = null, CancellationToken? cancellationToken = null) =>
        V1.PaymentIntents.CreateAsync(charge ?? Charge(), new() { IdempotencyKey = key ?? NewKey() }, cancellationToken ?? Stop);

    /// <summary>The error of a charge that does not succeed.</summary>
    public async Task<StripeException> RefusalAsync(PaymentIntentCreateOptions charge, string? key = null) =>
        await Assert.ThrowsAsync<StripeException>(() => ChargeAsync(charge, key));

    public Task<Refund> RefundAsync(string intent, long? amount = null, string? key = null) =>
        V1.Refunds.CreateAsync(new() { PaymentIntent = intent, Amount = amount }, new() { IdempotencyKey = key ?? NewKey() }, Stop);

    public Task<PaymentIntent> GetAsync(string id) => V1.PaymentIntents.GetAsync(id, cancellationToken: Stop);

    public string NewKey() => $"key:{Interlocked.Increment(ref _keys)}";

    /// <summary>Sends a form as curl does.</summary>
    public async Task<(HttpResponseMessage Response, JsonElement Body)> SendAsync(
        HttpMethod method, string path, string? form = null, string? key = null, string? authorization = $"Bearer {Key}")
    {
        using var request = new HttpRequestMessage(method, path);
        if (form is not null)
            request.Content = new StringContent(form, Encoding.UTF8, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        var response = await Http.SendAsync(request, Stop);
        return (response, JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(Stop)));
    }

    public async Task<(int Status, JsonElement Body)> PutBehaviourAsync(string json)
    {
        using var content = new StringContent(json, new MediaTypeHeaderValue("application/json"));
        using var response = await Http.PutAsync(new Uri("/stripe/behaviour", UriKind.Relative), content, Stop);
        return ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(Stop)));
    }

    /// <summary>Has Stripe behave so, to all requests, and as far as webhooks go as before.</summary>
    public async Task BehaveAsync(string behaviour) =>
        Assert.Equal(200, (await PutBehaviourAsync($$"""{"behaviour":"{{behaviour}}","share":1,"delay":"00:00:03"}""")).Status);

    public async Task<JsonElement> BooksAsync(string query = "") =>
        JsonElement.Parse(await Http.GetByteArrayAsync(new Uri($"/stripe/books{query}", UriKind.Relative), Stop));

    /// <summary>Lets time pass, once the sandbox waits for so many things.</summary>
    public async Task AdvanceAsync(TimeSpan by, int timers = 1)
    {
        await Clock.WaitForTimersAsync(timers, Stop);
        Clock.Advance(by);
    }
}
