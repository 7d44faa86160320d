using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Health;

/// <summary>
/// Ends the process after a fatal error of an idempotent producer, since every later record would fail
/// (<see href="https://github.com/confluentinc/librdkafka/blob/master/INTRODUCTION.md#fatal-producer-errors"/>). The process then ends in order,
/// with exit code 1, and its orchestrator starts a new one; rows whose records were not taken are the relay's.
/// </summary>
public static partial class FatalKafkaErrors
{
    /// <summary>Ends the process when this producer has a fatal error.</summary>
    public static void EndOnFatalError<TKey, TValue>(this ProducerBuilder<TKey, TValue> producer, IServiceProvider services) =>
        producer.SetErrorHandler((_, error) =>
        {
            if (!error.IsFatal) return;
            Fatal(services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(FatalKafkaErrors)), error.Reason);
            Environment.ExitCode = 1;
            services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        });

    [LoggerMessage(110, LogLevel.Critical, "The Kafka producer has failed for good and this process ends, to be started again: {Reason}")]
    private static partial void Fatal(ILogger logger, string reason);
}
