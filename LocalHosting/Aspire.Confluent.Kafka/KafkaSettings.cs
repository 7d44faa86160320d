using Confluent.Kafka;

namespace Aspire.Confluent.Kafka;

/// <summary>Settings of a producer; configuration section <c>Aspire:Confluent:Kafka:Producer[:name]</c>.</summary>
public sealed class KafkaProducerSettings
{
    /// <summary>Bootstrap list; from <c>ConnectionStrings:name</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>The client's own settings; section <c>Config</c>.</summary>
    public ProducerConfig Config { get; } = new();

    /// <summary>Whether it stays out of /health.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether the package leaves librdkafka's statistics off, which it turns on each second. This source has none.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>Whether the package's spans are left out. This source writes none.</summary>
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
