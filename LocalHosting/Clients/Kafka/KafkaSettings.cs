using Confluent.Kafka;

namespace Aspire.Confluent.Kafka;

/// <summary>Settings of a producer; configuration section <c>Aspire:Confluent:Kafka:Producer[:name]</c>.</summary>
public sealed class KafkaProducerSettings
{
    /// <summary>Bootstrap list; from <c>ConnectionStrings:name</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// The client's own settings; section <c>Config</c>. <c>StatisticsIntervalMs</c> stays 0 unless set: librdkafka's statistics are a JSON
    /// document of some 100 kB with many partitions, written and read each time only to be thrown away where nobody measures it.
    /// </summary>
    public ProducerConfig Config { get; } = new();

    /// <summary>Whether it stays out of /health.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Read by Aspire's own package alone: here it has no metrics.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>Read by Aspire's own package alone: here it writes no spans.</summary>
    public bool DisableTracing { get; set; }
}

/// <summary>Settings of a consumer; configuration section <c>Aspire:Confluent:Kafka:Consumer[:name]</c>.</summary>
public sealed class KafkaConsumerSettings
{
    /// <inheritdoc cref="KafkaProducerSettings.ConnectionString" />
    public string? ConnectionString { get; set; }

    /// <inheritdoc cref="KafkaProducerSettings.Config" />
    public ConsumerConfig Config { get; } = new();

    /// <inheritdoc cref="KafkaProducerSettings.DisableHealthChecks" />
    public bool DisableHealthChecks { get; set; }

    /// <inheritdoc cref="KafkaProducerSettings.DisableMetrics" />
    public bool DisableMetrics { get; set; }

    /// <inheritdoc cref="KafkaProducerSettings.DisableTracing" />
    public bool DisableTracing { get; set; }
}
