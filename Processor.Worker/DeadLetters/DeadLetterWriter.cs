using Npgsql;
using Processor.Worker.Work;

namespace Processor.Worker.DeadLetters;

/// <summary>
/// Writes a dead letter of any topic: a row in dead_letters, then a record in the topic's <c>.dlq</c>. The caller passes the offset afterwards.
/// Guarantee: at least once in the table, which keeps it once by its unique key; in the topic as well as Kafka allows.
/// <list type="bullet">
/// <item>Dies before the row: the record is read again. Dies between row and offset: read again, the row is there, the topic gets it twice.</item>
/// <item>PostgreSQL is away: tried each second without a limit; <c>/health/worker</c> says so.</item>
/// <item>PostgreSQL refuses the row: after 3 attempts it is written without its sentence, and if that is refused too, into the log, with its bytes as base64;
/// then work goes on.</item>
/// <item>Kafka does not take the record: after 3 attempts the row is enough.</item>
/// </list>
/// </summary>
internal sealed partial class DeadLetterWriter(
    NpgsqlDataSource database, DeadLetterTopic topic, Problems problems, TimeProvider clock, ILogger<DeadLetterWriter> logger)
{
    private const string Problem = "dead_letters";

    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;

    /// <summary>Completes when the letter is kept.</summary>
    public async Task WriteAsync(DeadRecord letter, CancellationToken cancellationToken)
    {
        if (!await TryInsertAsync(letter, cancellationToken) && !await TryInsertAsync(letter.WithoutDetail(), cancellationToken))
            Kept(letter.Origin.ToString(), letter.Reason, Convert.ToBase64String(letter.Key ?? []), Convert.ToBase64String(letter.Value ?? []));
        await topic.TrySendAsync(letter, cancellationToken);
    }

    /// <summary>False: the database refuses it.</summary>
    private async Task<bool> TryInsertAsync(DeadRecord letter, CancellationToken cancellationToken)
    {
        for (var refusals = 0; refusals < DatabaseRefusal.MaxAttempts;)
        {
            try
            {
                await InsertDeadLetter.RunAsync(database, letter, cancellationToken);
                problems.Resolve(Problem);
                return true;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                NotWritten(exception, letter.Origin.ToString());
                problems.Report(Problem, $"The dead letter of {letter.Origin} cannot be written: {DatabaseRefusal.Describe(exception)}");
                if (DatabaseRefusal.IsRefusal(exception)) refusals++;
            }

            await Task.Delay(AfterError, clock, cancellationToken);
        }

        return false;
    }

    [LoggerMessage(40, LogLevel.Warning, "The dead letter of {Origin} could not be written and is tried again in a second")]
    private partial void NotWritten(Exception exception, string origin);

    [LoggerMessage(42, LogLevel.Critical,
        "PostgreSQL refuses the dead letter of {Origin} ({Reason}), so it is kept here alone: key {Key}, body {Value}, both base64")]
    private partial void Kept(string origin, string reason, string key, string value);
}
