using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

[assembly: HostingStartup(typeof(Benchmarks.Limits.LimitEndpoints))]

namespace Benchmarks.Limits;

/// <summary>
/// The least an endpoint of this service could do, beside its own and behind the same Kestrel and middleware: <c>POST /limit/accept</c> reads the body and
/// answers 202 with as many bytes as the real endpoint, <c>GET /limit/read</c> writes the bytes of one transaction. What the machine gives
/// to these is what is to be had.
/// </summary>
public sealed class LimitEndpoints : IHostingStartup, IStartupFilter
{
    private static readonly byte[] Accepted =
        Encoding.ASCII.GetBytes("""{"status":"accepted","transaction_id":"txn_0123456789abcdef0","duplicate":false}""");

    private static readonly byte[] Transaction = Encoding.ASCII.GetBytes(
        """
        [{"transaction_id":"txn_0123456789abcdef0","source_account":"acc_user_00000","destination_account":"acc_merchant_000","amount":"150.50",
        """
        + """
        "currency":"USD","status":"PROCESSED","created_at":"2026-01-15T10:30:00.123456Z","processed_at":"2026-01-15T10:30:30.123456Z"}]
        """);

    /// <inheritdoc />
    public void Configure(IWebHostBuilder builder) => builder.ConfigureServices(services => services.AddSingleton<IStartupFilter>(this));

    /// <inheritdoc />
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        next(app);

        // Behind the service's own pipeline: what no endpoint of its own has answered comes here.
        app.Use((HttpContext context, RequestDelegate nobody) => context.Request.Path.Value switch
        {
            "/limit/accept" => AcceptAsync(context),
            "/limit/read" => WriteAsync(context, StatusCodes.Status200OK, Transaction),
            _ => nobody(context),
        });
    };

    private static async Task AcceptAsync(HttpContext context)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) break;
        }

        await WriteAsync(context, StatusCodes.Status202Accepted, Accepted);
    }

    private static async Task WriteAsync(HttpContext context, int status, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }
}
