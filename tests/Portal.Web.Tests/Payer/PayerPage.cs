using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Web.Api;
using Portal.Web.Live;
using Portal.Web.Sessions;
using Support;

namespace Portal.Web.Tests.Payer;

/// <summary>What a component of the payer's pages sent to the API.</summary>
internal sealed record Sent(string Method, string Target, string? Key, string Body, string? Authorization);

/// <summary>Renders components as the payer 7, with a circuit, before an API that answers as the test says.</summary>
internal sealed class PayerPage : IAsyncDisposable
{
    private readonly Api _api = new();

    public PayerPage()
    {
        Context.Services.AddSingleton<TimeProvider>(Clock);
        Context.Services.AddSingleton(Options.Create(new PortalOptions()));
        Context.Services.AddHttpClient(ApiClient.HttpName, client => client.BaseAddress = ServiceRouting.Placeholder)
            .ConfigurePrimaryHttpMessageHandler(() => _api);
        Context.Services.AddSingleton<ApiClient>();
        Context.Services.AddSingleton<LiveTopics>();
        Context.Services.AddSingleton<AuthenticationStateProvider>(new Payer());
        Context.Services.AddScoped<PortalApi>();
        Context.Renderer.SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    public BunitContext Context { get; } = new();

    public FakeClock Clock { get; } = new();

    /// <summary>The writes, in order.</summary>
    public List<Sent> Writes => _api.Writes;

    /// <summary>What a read answers.</summary>
    public Func<string, HttpResponseMessage> Read { set => _api.Read = value; }

    /// <summary>What the next write answers; null is a connection that breaks.</summary>
    public void Next(HttpStatusCode? status, string body = "{}") => _api.Answers.Enqueue(status is { } code ? Answer(code, body) : null);

    public static HttpResponseMessage Answer(HttpStatusCode status, string body) => new(status)
    {
        Content = new StringContent(body, new MediaTypeHeaderValue((int)status < 400 ? "application/json" : "application/problem+json")),
    };

    public static string Payment(long id, string status = "pending", string type = "deposit", string amount = "25.00") =>
        $$"""
        {"id":{{id}},"user_id":7,"type":"{{type}}","status":"{{status}}","amount":"{{amount}}","currency":"USD","bank_reference":null,"error_message":null,
         "description":null,"created_at":"2026-01-15T10:30:00Z","updated_at":"2026-01-15T10:30:00Z","processed_at":null}
        """;

    public ValueTask DisposeAsync() => Context.DisposeAsync();

    private sealed class Payer : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new Session(Area.Payer, "7", "alice@example.com", "token", null).ToPrincipal())));
    }

    private sealed class Api : HttpMessageHandler
    {
        public List<Sent> Writes { get; } = [];

        public Queue<HttpResponseMessage?> Answers { get; } = [];

        public Func<string, HttpResponseMessage> Read { get; set; } = _ => Answer(HttpStatusCode.NotFound, "{}");

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var target = request.RequestUri!.PathAndQuery;
            if (request.Method == HttpMethod.Get) return Read(target);
            var key = request.Headers.TryGetValues("Idempotency-Key", out var keys) ? keys.Single() : null;
            Writes.Add(new(
                request.Method.Method, target, key, await request.Content!.ReadAsStringAsync(cancellationToken), request.Headers.Authorization?.ToString()));
            return Answers.Dequeue() ?? throw new HttpRequestException("The connection broke.");
        }
    }
}
