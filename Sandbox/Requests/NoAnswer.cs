namespace Sandbox.Requests;

/// <summary>Sends no response: waits until the caller gives up or the process stops, and then closes the connection.</summary>
internal sealed class NoAnswer : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var closing = httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, closing);
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        httpContext.Abort();
    }
}
