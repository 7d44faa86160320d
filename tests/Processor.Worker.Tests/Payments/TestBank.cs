using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Processor.Worker.Tests.Payments;

/// <summary>A bank that does what the test says. What it has carried out it remembers, once for each Idempotency-Key.</summary>
public sealed class TestBank : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Func<TestBank, long, HttpContext, Task> _onCall;

    private TestBank(WebApplication app, Func<TestBank, long, HttpContext, Task> onCall) => (_app, _onCall) = (app, onCall);

    /// <summary>Payment -> the status that it tells when it is asked.</summary>
    public ConcurrentDictionary<long, string> Transfers { get; } = new();

    /// <summary>Calls, in their order.</summary>
    public ConcurrentQueue<long> Calls { get; } = new();

    /// <summary>How often it was asked.</summary>
    public ConcurrentQueue<long> Questions { get; } = new();

    public string Url => _app.Urls.Single();

    /// <param name="onCall">Answers a POST; may take the payment with <see cref="Take"/>.</param>
    public static async Task<TestBank> StartAsync(Func<TestBank, long, HttpContext, Task> onCall)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var bank = new TestBank(app, onCall);
        app.MapPost("/transfers", bank.CallAsync);
        app.MapGet("/transfers/{id:long}", bank.AskAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return bank;
    }

    /// <summary>A bank that takes everything, and has done it when it is asked.</summary>
    public static Task<TestBank> StartAsync(string status = "success") => StartAsync((bank, id, context) => bank.TakeAsync(id, context, status));

    public bool Take(long id, string status) => Transfers.TryAdd(id, status);

    public async Task TakeAsync(long id, HttpContext context, string status)
    {
        Take(id, status);
        context.Response.StatusCode = 202;
        await context.Response.WriteAsync($$"""{"bank_reference":"{{Reference(id)}}","status":"pending"}""");
    }

    public static string Reference(long id) => string.Create(CultureInfo.InvariantCulture, $"DEP-{id:X12}");

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task CallAsync(HttpContext context)
    {
        var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var id = body.RootElement.GetProperty("transaction_id").GetInt64();
        Assert.Equal($"payment:{id}", context.Request.Headers["Idempotency-Key"]);
        Calls.Enqueue(id);
        await _onCall(this, id, context);
    }

    private async Task AskAsync(HttpContext context)
    {
        var id = long.Parse((string)context.Request.RouteValues["id"]!, CultureInfo.InvariantCulture);
        Questions.Enqueue(id);
        context.Response.StatusCode = Transfers.TryGetValue(id, out var status) ? 200 : 404;
        if (status is null) return;
        var error = status == "failed" ? "\"Account closed\"" : "null";
        await context.Response.WriteAsync(
            $$"""{"transaction_id":{{id}},"bank_reference":"{{Reference(id)}}","status":"{{status}}","error_message":{{error}}}""");
    }
}
