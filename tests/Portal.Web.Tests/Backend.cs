using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Portal.Web.Tests;

/// <summary>What a service behind the door was sent.</summary>
internal sealed record Received(string Method, string Target, IHeaderDictionary Headers, string Body);

/// <summary>A service behind the door, on its own Kestrel: notes what it is sent, and answers as the test says (200 with its name otherwise).</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Backend(string name, RequestDelegate? answer, string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);

        // As ServiceDefaults has it: header values are bytes.
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        });
        _app = builder.Build();
        _app.Run(async context =>
        {
            if (answer is not null)
            {
                await answer(context);
                return;
            }

            using var body = new StreamReader(context.Request.Body);
            var text = await body.ReadToEndAsync(context.RequestAborted);
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            var headers = new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>(context.Request.Headers);
            Requests.Enqueue(new(context.Request.Method, target, new HeaderDictionary(headers), text));
            context.Response.Headers["X-Request-ID"] = "the-backends-own";
            await context.Response.WriteAsync(name, context.RequestAborted);
        });
    }

    public ConcurrentQueue<Received> Requests { get; } = new();

    public string Address => _app.Urls.First();

    public static async Task<Backend> StartAsync(string name, RequestDelegate? answer = null, string url = "http://127.0.0.1:0")
    {
        var backend = new Backend(name, answer, url);
        await backend._app.StartAsync(TestContext.Current.CancellationToken);
        return backend;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
