using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Contracts;
using Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

[assembly: AssemblyFixture(typeof(Ingest.Api.Tests.Servers))]

namespace Ingest.Api.Tests;

/// <summary>One PostgreSQL and one Kafka for the whole assembly. Each service under test gets a database of its own, so its rows are all its own.</summary>
public sealed class Servers : IAsyncLifetime
{
    private const string Template = "webhooks";

    private DistributedApplication? _servers;
    private string _server = "";
    private int _databases;

    /// <summary>Kafka's bootstrap servers; the topics <c>transactions</c> and <c>payments</c> are there.</summary>
    public string Broker { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var builder = DistributedApplicationTestingBuilder.Create($"--LocalHosting:Topics:0={Topics.Transactions}", $"--LocalHosting:Topics:1={Topics.Payments}");
        builder.AddPostgres("postgres").AddDatabase(Template);
        builder.AddKafka("broker");
        _servers = await builder.BuildAsync();
        await _servers.StartAsync();
        await _servers.ResourceNotifications.WaitForResourceHealthyAsync(Template);
        await _servers.ResourceNotifications.WaitForResourceHealthyAsync("broker");
        _server = await _servers.GetConnectionStringAsync("postgres") ?? throw new InvalidOperationException("PostgreSQL has no connection string.");
        Broker = await _servers.GetConnectionStringAsync("broker") ?? throw new InvalidOperationException("Kafka has no connection string.");
        await MigrateAsync();
        await CreateTopicsAsync();
    }

    /// <summary>A new database with the schema; its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"t{Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture)}";
        await using var server = NpgsqlDataSource.Create($"{_server};Pooling=false");
        await using var create = server.CreateCommand($"CREATE DATABASE {name} TEMPLATE {Template}");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(_server) { Database = name }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (_servers is not null) await _servers.DisposeAsync();
    }

    // Without a pool: a database that somebody is connected to cannot be a template.
    private async Task MigrateAsync()
    {
        var connectionString = new NpgsqlConnectionStringBuilder(_server) { Database = Template, Pooling = false }.ConnectionString;
        await using var context = new WebhooksDbContext(new DbContextOptionsBuilder<WebhooksDbContext>().UseNpgsql(connectionString).Options);
        await context.Database.MigrateAsync();
    }

    // The embedded broker makes its topics itself and takes no CreateTopics. Kafka's client comes the way services get theirs: that finds librdkafka.
    private async Task CreateTopicsAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["ConnectionStrings:broker"] = Broker;
        builder.AddKafkaProducer<string, byte[]>("broker");
        using var client = builder.Build();
        using var admin = new DependentAdminClientBuilder(client.Services.GetRequiredService<IProducer<string, byte[]>>().Handle).Build();
        var topics = admin.GetMetadata(TimeSpan.FromSeconds(30)).Topics;
        if (topics.Any(topic => topic.Topic == Topics.Transactions)) return;
        await admin.CreateTopicsAsync(
            ((string[])[Topics.Transactions, Topics.Payments]).Select(topic => new TopicSpecification { Name = topic, NumPartitions = Topics.Partitions, ReplicationFactor = 1 }));
    }
}
