using System.Runtime.ExceptionServices;
using Npgsql;
using ServiceDefaults.Problems;

namespace Query.Api.Database;

/// <summary>
/// Repeats a request once, on a new connection, when the database's connection failed. Pooled connections die without notice: PostgreSQL was
/// restarted, or the path to it was cut; the next request on each of them would be answered with 503 although the database is available again
/// (tests/Faults saw one 7 s after a restart). Every request of this service only reads, so repeating one is safe.
/// </summary>
internal sealed partial class RetryReads(RequestDelegate next, NpgsqlDataSource database, ILogger<RetryReads> logger)
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
        try
        {
            await next(context);
        }
        catch (InvalidOperationException exception) when (ConnectionFailureIn(exception) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure); // As it was before EF Core wrapped it, so that it is answered with 503.
        }
    }

    private static bool CanRepeat(HttpContext context, Exception exception) =>
        !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested && ConnectionFailureIn(exception) is not null;

    // EF Core wraps a transient failure into an InvalidOperationException.
    private static NpgsqlException? ConnectionFailureIn(Exception? exception) => exception switch
    {
        NpgsqlException { IsTransient: true } failure => failure,
        InvalidOperationException { InnerException: NpgsqlException { IsTransient: true } failure } => failure,
        _ => null,
    };

    [LoggerMessage(330, LogLevel.Information, "A read failed with its connection to the database and is repeated on a new one")]
    private partial void Repeated(Exception exception);
}
