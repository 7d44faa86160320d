using System.Diagnostics.Metrics;
using System.Net;
using Data.Charges;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Processor.Worker.Charges;
using Processor.Worker.Work;
using Stripe;

namespace Processor.Worker.Tests.Charges;

/// <summary>Stripe in this process, behind its own SDK, that answers as the test says.</summary>
internal sealed class StubStripe : HttpMessageHandler
{
    public const string Paid = """{"id":"pi_1","object":"payment_intent","status":"succeeded"}""";

    private Func<HttpRequestMessage, Task<HttpResponseMessage>> _answer = _ => Task.FromResult(Json(HttpStatusCode.OK, Paid));

    /// <summary>Method, path and Idempotency-Key of each request.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The form of the last request.</summary>
    public string LastForm { get; private set; } = "";

    public static HttpResponseMessage Json(HttpStatusCode status, string body, string mediaType = "application/json") =>
        new(status) { Content = new StringContent(body, null, mediaType) };

    public StubStripe Answers(HttpStatusCode status, string body, string mediaType = "application/json") =>
        Answers(_ => Task.FromResult(Json(status, body, mediaType)));

    public StubStripe Answers(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer)
    {
        _answer = answer;
        return this;
    }

    private static StripeApi Api(TimeProvider clock, HttpClient http) => new(
        new StripeClient(new StripeClientOptions
        {
            ApiKey = "sk_test_1",
            ApiBase = "http://stripe.test",
            HttpClient = new SystemNetHttpClient(http, maxNetworkRetries: 0, appInfo: null, enableTelemetry: false),
        }),
        http.Timeout, clock);

    /// <summary>Asks once, without a database.</summary>
    public async Task<StripeAnswer> SendAsync(ClaimedStripeRequest request, TimeProvider? clock = null)
    {
        using var http = new HttpClient(this, disposeHandler: false);
        return await Api(clock ?? TimeProvider.System, http).SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Runs one step of a claimed request; returns how many stale steps were counted.</summary>
    public async Task<long> RunStepAsync(ClaimedStripeRequest request, NpgsqlDataSource database, StripeOptions options, TimeProvider clock)
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var superseded = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, mine) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Name == "aspirewebhooks.charges.superseded") mine.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => superseded += count);
        listener.Start();
        using var http = new HttpClient(this, disposeHandler: false);
        var step = new AskStripe(
            Api(clock, http), database, Options.Create(options), new ChargeMetrics(meters), new Problems(meters, clock, NullLogger<Problems>.Instance),
            new Random(1), clock, NullLogger<AskStripe>.Instance);
        await step.RunAsync(request);
        return superseded;
    }

    /// <summary>A charge of 30.00 USD that nobody was asked for yet.</summary>
    public static ClaimedStripeRequest AnyRequest(Guid? id = null) => new(
        id ?? Guid.Parse("019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f"), StripeRequestKind.Charge, id ?? Guid.Parse("019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f"),
        new StripeOrder(3000, "usd", "pm_card_visa"), Attempt: 1, StripeId: null, Tries: 0, IsUnanswered: false, AskedFor: TimeSpan.Zero, TraceParent: null,
        Claim: 1, ClaimedAt: 0);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var key = request.Headers.TryGetValues("Idempotency-Key", out var keys) ? $" {keys.Single()}" : "";
        Requests.Add($"{request.Method} {request.RequestUri!.PathAndQuery}{key}");
        if (request.Content is not null) LastForm = await request.Content.ReadAsStringAsync(cancellationToken);
        return await _answer(request);
    }
}
