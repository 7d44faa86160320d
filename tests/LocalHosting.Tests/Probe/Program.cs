// A service to be started by the hosts under test. --unwell=N: its first N health checks are answered 503; --dies=N: it ends at once with that code.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
if (builder.Configuration.GetValue<int?>("dies") is { } code)
{
    Console.WriteLine(string.Join('\n', Enumerable.Range(1, 25).Select(i => $"line {i}")));
    return code;
}
var app = builder.Build();
var unwell = builder.Configuration.GetValue("unwell", 0);
app.MapGet("/health", () => Interlocked.Decrement(ref unwell) < 0 ? Results.Ok() : Results.StatusCode(503));
app.MapGet("/environment", () => Environment.GetEnvironmentVariables());
app.MapGet("/crash", () => Environment.Exit(7));
Console.WriteLine("probe runs");
app.Run();
return 0;
