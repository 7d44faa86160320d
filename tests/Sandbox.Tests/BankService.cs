using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Support;

namespace Sandbox.Tests;

/// <summary>The sandbox itself, on its own Kestrel, with a clock that the test turns and somebody to call back.</summary>
internal sealed class BankService : IAsyncDisposable
{
    public const string Secret = "whsec_test_pässword";

    /// <summary>Longer than any transfer takes whose bank is not slow.</summary>
    public static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    private readonly WebApplicationFactory<Program> _factory;

    private BankService(Receiver receiver, (string Name, string Value)[] settings)
    {
        Receiver = receiver;
#pragma warning disable CA2000 // The factory that WithWebHostBuilder derives from is disposed with it.
        _factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
#pragma warning restore CA2000
        {
            host.UseSetting("environment", "Development");
            host.UseSetting("urls", "http://127.0.0.1:0");
            host.ConfigureLogging(logging => logging.ClearProviders());
            host.UseSetting("WEBHOOK_SECRET", Secret);
            host.UseSetting("Bank:CallbackUrl", receiver.Address);
            host.UseSetting("Bank:Seed", "7");
            host.UseSetting("STRIPE_WEBHOOK_SECRET", "not for the bank");
            host.UseSetting("Stripe:WebhookUrl", "http://127.0.0.1:1");
            foreach (var (name, value) in settings) host.UseSetting(name, value);
            host.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(Clock));
        });
        _factory.UseKestrel();
        _factory.StartServer();
        Client = _factory.CreateClient();
    }

    public HttpClient Client { get; }

    public FakeClock Clock { get; } = new();

    public Receiver Receiver { get; }

    public static async Task<BankService> StartAsync(params (string Name, string Value)[] settings) => new(await Receiver.StartAsync(), settings);

    /// <summary>One whose transfers all succeed as far as the behaviour lets them.</summary>
    public static Task<BankService> StartAsync(string behaviour) => StartAsync(("Bank:Behaviour", behaviour), ("Bank:SuccessRate", "1"));

    public async Task<(int Status, JsonElement Body)> PostAsync(
        long id, string type = "deposit", string amount = "250.00", string? key = null, string? callbackUrl = null, TimeSpan? patience = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/transfers")
        {
            Content = JsonContent.Create(new Dictionary<string, object?>
            {
                ["transaction_id"] = id,
                ["type"] = type,
                ["amount"] = amount,
                ["currency"] = "USD",
                ["callback_url"] = callbackUrl,
            }),
        };
        if (key != "") request.Headers.Add("Idempotency-Key", key ?? $"payment:{id}");
        using var time = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        time.CancelAfter(patience ?? TimeSpan.FromSeconds(30));
        using var response = await Client.SendAsync(request, time.Token);
        return await ReadAsync(response);
    }

    /// <summary>Sends a transfer that is not answered, until the bank has it in its books; then hangs up.</summary>
    public async Task PostUnansweredAsync(long id)
    {
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/transfers")
        {
            Content = JsonContent.Create(new { transaction_id = id, type = "deposit", amount = "250.00", currency = "USD" }),
            Headers = { { "Idempotency-Key", $"payment:{id}" } },
        };
        var answer = Client.SendAsync(request, hangUp.Token);
        await Eventually.TrueAsync(async _ => (await GetAsync(id)).Status == 200, hangUp.Token);
        Assert.False(answer.IsCompleted);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    public async Task<(int Status, JsonElement Body)> GetAsync(long id)
    {
        using var response = await Client.GetAsync(new Uri($"/transfers/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        return await ReadAsync(response);
    }

    public async Task<(int Status, JsonElement Body)> PutBehaviourAsync(string json)
    {
        using var content = new StringContent(json, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var response = await Client.PutAsync(new Uri("/behaviour", UriKind.Relative), content, TestContext.Current.CancellationToken);
        return await ReadAsync(response);
    }

    /// <summary>Lets time pass, once the bank waits for so many things.</summary>
    public async Task AdvanceAsync(TimeSpan by, int timers = 1)
    {
        await Clock.WaitForTimersAsync(timers, TestContext.Current.CancellationToken);
        Clock.Advance(by);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _factory.DisposeAsync();
        await Receiver.DisposeAsync();
    }

    private static async Task<(int Status, JsonElement Body)> ReadAsync(HttpResponseMessage response) =>
        ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
}
