using Npgsql;

namespace Processor.Worker.Retention;

/// <summary>Rows that nobody needs any more, and how they are deleted.</summary>
/// <param name="Name">What they are, for messages.</param>
/// <param name="Interval">Between two looks, when the last one found less than a batch.</param>
/// <param name="Delete">Deletes up to $1 of them, with <c>SKIP LOCKED</c>; how many is the statement's count.</param>
/// <param name="KeptFor">$2 of the statement: for how long they are kept; null where the rows say it themselves.</param>
internal sealed record ForgetRules(string Name, TimeSpan Interval, string Delete, TimeSpan? KeptFor = null);

/// <summary>
/// Deletes rows that have served their time. Roles: every worker runs one for each kind; SKIP LOCKED keeps them apart, and a batch is so small that nobody
/// waits for its locks.
/// Guarantee: none is needed: such a row has no effect, and this only keeps the table small.
/// Dies at any step, or PostgreSQL is away: the next interval goes on.
/// </summary>
internal sealed partial class ForgetRows(ForgetRules rules, NpgsqlDataSource database, TimeProvider clock, ILogger<ForgetRows> logger) : BackgroundService
{
    /// <summary>Short enough that no request waits for the delete to commit.</summary>
    private const int Batch = 1_000;

    private readonly ILogger _logger = logger;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(rules.Interval, clock);
        try
        {
            do
            {
                while (await ForgetAsync(stoppingToken) == Batch)
                {
                    // The batch was full: there may be more.
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is deleted after the next start.
        }
    }

    private async Task<int> ForgetAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand(rules.Delete);
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch });
            if (rules.KeptFor is { } keptFor) command.Parameters.Add(Data.Parameter.Interval(keptFor));
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            NotForgotten(exception, rules.Name);
            return 0;
        }
    }

    [LoggerMessage(90, LogLevel.Warning, "Old rows could not be removed: {Name}; they are tried again at the next interval")]
    private partial void NotForgotten(Exception exception, string name);
}

/// <summary>Registers what is forgotten.</summary>
internal static class RetentionFeature
{
    /// <summary>Has these rows forgotten.</summary>
    public static void AddForgetting(this IServiceCollection services, Func<IServiceProvider, ForgetRules> rules) =>
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<ForgetRows>(provider, rules(provider)));
}
