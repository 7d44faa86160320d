using System.Net;
using Polly;
using Polly.Retry;

namespace AppHost.Tests;

/// <summary>
/// Sends as docs/api.md asks of callers: what was answered 503 and changed nothing is sent again after Retry-After. All tests share two cores with another
/// test project, so a service may be out of reach for seconds. What a caller is told then is tested in Portal.Web.Tests.
/// </summary>
internal sealed class Senders : DelegatingHandler
{
    private static readonly ResiliencePipeline<HttpResponseMessage> Again = new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            ShouldHandle = answered => ChangedNothingAsync(answered.Outcome.Result),
            DelayGenerator = answered => ValueTask.FromResult(answered.Outcome.Result?.Headers.RetryAfter?.Delta),
            MaxRetryAttempts = 12,
        })
        .Build();

    private Senders()
        : base(new SocketsHttpHandler { UseProxy = false })
    {
    }

    public static HttpClient Client(Uri address) => new(new Senders()) { BaseAddress = address };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is not null) await request.Content.LoadIntoBufferAsync(cancellationToken);
        return await Again.ExecuteAsync(async stop => await base.SendAsync(request, stop), cancellationToken);
    }

    private static async ValueTask<bool> ChangedNothingAsync(HttpResponseMessage? response)
    {
        if (response is not { StatusCode: HttpStatusCode.ServiceUnavailable }) return false;
        await response.Content.LoadIntoBufferAsync();
        return (await response.Content.ReadAsStringAsync()).Contains("Nothing was changed", StringComparison.Ordinal);
    }
}
