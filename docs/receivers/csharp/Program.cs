// Receives webhooks of AspireWebhooks: Standard Webhooks 1.0. ASP.NET Core, no packages.
//
//   WEBHOOK_SECRETS=whsec_... PORT=8090 dotnet run
//
// WEBHOOK_SECRETS has the endpoint's secret; while it is rotated both, separated by a comma. TLS is for a proxy in front.

using Receiver;

byte[][] secrets;
try
{
    secrets = [.. (Environment.GetEnvironmentVariable("WEBHOOK_SECRETS") ?? "").Split(',').Select(text => WebhookEvent.ParseSecret(text.Trim()))];
}
catch (FormatException exception)
{
    Console.Error.WriteLine($"WEBHOOK_SECRETS: {exception.Message}.");
    return 1;
}

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Error);
builder.WebHost.UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT") ?? "8090"}");
builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = 1024 * 1024);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<Inbox>();
builder.Services.AddHostedService(services => services.GetRequiredService<Inbox>());
var app = builder.Build();

app.MapPost("/webhooks", async (HttpRequest request, Inbox inbox, TimeProvider clock) =>
{
    using var body = new MemoryStream();
    await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
    try
    {
        var received = WebhookEvent.Construct(body.ToArray(), request.Headers, secrets, clock.GetUtcNow());
        if (!inbox.Take(received)) Console.WriteLine($"duplicate {received.Id} {received.Type}");
        return Results.NoContent();
    }
    catch (WebhookException exception)
    {
        Console.WriteLine($"refused: {exception.Message}");
        return Results.Text(exception.Message, statusCode: StatusCodes.Status400BadRequest);
    }
});

await app.StartAsync();
Console.WriteLine($"listening on {app.Urls.Single()}/webhooks");
await app.WaitForShutdownAsync();
return 0;
