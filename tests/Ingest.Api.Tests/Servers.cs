using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Contracts;
using Data;
using LocalHosting.Servers;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Support;

[assembly: AssemblyFixture(typeof(Ingest.Api.Tests.Servers))]

namespace Ingest.Api.Tests;

/// <summary>One PostgreSQL and one Kafka for the whole assembly. Each service under test gets a database of its own, so its rows are all its own.</summary>
public sealed class Servers : IAsyncLifetime
{
    private const string Template = "webhooks";

    private LocalServer? _postgres;
    private LocalServer? _kafka;
    private int _databases;

    /// <summary>Kafka's bootstrap servers; the topics <c>transactions</c> and <c>payments</c> are there.</summary>
    public string Broker => _kafka!.ConnectionString;

    public async ValueTask InitializeAsync() => await Task.WhenAll(StartPostgresAsync(), StartKafkaAsync());

    /// <summary>A new database with the schema; its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"t{Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture)}";
        await using var server = NpgsqlDataSource.Create($"{_postgres!.ConnectionString};Pooling=false");
        await using var create = server.CreateCommand($"CREATE DATABASE {name} TEMPLATE {Template}");
        await create.ExecuteNonQueryAsync();
        return $"{_postgres.ConnectionString};Database={name}";
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null) await _postgres.DisposeAsync();
        if (_kafka is not null) await _kafka.DisposeAsync();
    }

    // Without a pool: a database that somebody is connected to cannot be a template.
    private async Task StartPostgresAsync()
    {
        _postgres = await LocalServer.StartPostgresAsync();
        var connectionString = $"{_postgres.ConnectionString};Database={Template};Pooling=false";
        await using var context = new WebhooksDbContext(new DbContextOptionsBuilder<WebhooksDbContext>().UseNpgsql(connectionString).Options);
        await context.Database.MigrateAsync();
    }

    // The embedded broker has made its topics itself and takes no CreateTopics.
    private async Task StartKafkaAsync()
    {
        string[] topics = [Topics.Transactions, Topics.Payments];
        _kafka = await LocalServer.StartKafkaAsync(topics);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Broker }).Build();
        var there = await Eventually.GetAsync(_ => Task.Run(() => admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics), _ => true, CancellationToken.None);
        if (there.Any(topic => topic.Topic == Topics.Transactions)) return;
        await admin.CreateTopicsAsync(topics.Select(
            topic => new TopicSpecification { Name = topic, NumPartitions = Topics.Partitions, ReplicationFactor = 1 }));
    }
}
