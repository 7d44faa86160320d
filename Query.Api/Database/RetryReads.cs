using Npgsql;
using ServiceDefaults.Problems;

namespace Query.Api.Database;

/// <summary>
/// Repeats a request once, on a new connection, when the database's connection failed. Pooled connections die without notice: PostgreSQL was
/// restarted, or the path to it was cut; the next request on each of them would be answered with 503 although the database is available again
/// (tests/Faults saw one 7 s after a restart). Every request of this service only reads, so repeating one is safe.
/// </summary>
internal sealed partial class RetryReads(RequestDelegate next, NpgsqlDataSource database, IServiceScopeFactory scopes, ILogger<RetryReads> logger)
{
    private readonly ILogger _logger = logger;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            return;
        }
        catch (Exception exception) when (CanRepeat(context, exception))
        {
            Repeated(exception);
        }

        // The other idle connections are as old as the one that failed.
        database.Clear();
        ProblemResponses.Clear(context.Response);
        await RepeatAsync(context);
    }

    // With request services of its own: the authentication keeps the outcome of its look-up, a failure too, in those of the request.
    private async Task RepeatAsync(HttpContext context)
    {
        var first = context.RequestServices;
        await using var anew = scopes.CreateAsyncScope();
        context.RequestServices = anew.ServiceProvider;
        try
        {
            await next(context);
        }
        finally
        {
            context.RequestServices = first;
        }
    }

    private static bool CanRepeat(HttpContext context, Exception exception) =>
        !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested && IsConnectionFailure(exception);

    // Unlike DatabaseFaults.IsWorthAnotherTry this includes a time-out: on a connection that carries nothing any more it is all that a read sees. EF Core
    // wraps it into an InvalidOperationException.
    private static bool IsConnectionFailure(Exception exception) => DatabaseFaults.IsWorthAnotherTry(exception)
        || exception is NpgsqlException { IsTransient: true } or InvalidOperationException { InnerException: NpgsqlException { IsTransient: true } };

    [LoggerMessage(330, LogLevel.Information, "A read failed with its connection to the database and is repeated on a new one")]
    private partial void Repeated(Exception exception);
}
