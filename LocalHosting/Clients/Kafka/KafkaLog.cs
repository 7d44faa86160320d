using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LocalHosting.Clients.Kafka;

/// <summary>librdkafka's own log lines, under the category that Aspire's clients use; without this they go to stderr past every setting.</summary>
internal static partial class KafkaLog
{
    public static void To<TKey, TValue>(IServiceProvider services, ProducerBuilder<TKey, TValue> producer)
    {
        var logger = LoggerOf(services);
        TryTo(() => producer.SetLogHandler((_, line) => Write(logger, line)));
    }

    public static void To<TKey, TValue>(IServiceProvider services, ConsumerBuilder<TKey, TValue> consumer)
    {
        var logger = LoggerOf(services);
        TryTo(() => consumer.SetLogHandler((_, line) => Write(logger, line)));
    }

    private static ILogger LoggerOf(IServiceProvider services) => services.GetRequiredService<ILoggerFactory>().CreateLogger("Aspire.Confluent.Kafka");

    private static void TryTo(Action set)
    {
        try
        {
            set();
        }
        catch (InvalidOperationException)
        {
            // The caller has set a handler of its own.
        }
    }

    private static void Write(ILogger logger, LogMessage line)
    {
        var level = (LogLevel)line.LevelAs(LogLevelType.MicrosoftExtensionsLogging);
        if (logger.IsEnabled(level)) Line(logger, level, line.Facility, line.Message);
    }

    [LoggerMessage(EventId = 1, Message = "{Facility}: {Line}")]
    private static partial void Line(ILogger logger, LogLevel level, string facility, string line);
}
