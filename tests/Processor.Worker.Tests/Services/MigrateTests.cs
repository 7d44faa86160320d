using Confluent.Kafka;
using Contracts;
using Npgsql;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Services;

[Trait("Kafka", "yes")]
public sealed class MigrateTests(Servers servers)
{
    [Fact]
    public async Task Two_at_once_and_a_third_afterwards_all_end_well()
    {
        var database = await servers.CreateDatabaseAsync(isMigrated: false);
        var both = await Task.WhenAll(servers.MigrateAsync(database), servers.MigrateAsync(database));
        Assert.All(both, run => Assert.True(run.ExitCode == 0, run.Output));
        Assert.Single(both, run => run.Output.Contains("was brought up to date: 20261121070000_Transactions", StringComparison.Ordinal));
        Assert.Single(both, run => run.Output.Contains("The database is up to date", StringComparison.Ordinal));

        var third = await servers.RunProcessAsync("--migrate", database);
        Assert.True(third.ExitCode == 0, third.Output);
        Assert.Contains("The database is up to date", third.Output, StringComparison.Ordinal);
        Assert.Contains("The topics are there", third.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_database_it_says_so_and_ends_with_1()
    {
        var nobody = new NpgsqlConnectionStringBuilder(servers.Postgres) { Port = 1, Database = "webhooks" }.ConnectionString;
        var (exitCode, output) = await servers.MigrateAsync(nobody);
        Assert.True(exitCode == 1, output);
        Assert.Contains("Bringing the database and the topics up to date failed", output, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_named_database_or_with_a_wrong_password_it_ends_with_1()
    {
        var missing = await servers.MigrateAsync($"{servers.Postgres};Database=nothing_here");
        Assert.Contains("nothing_here", missing.Output, StringComparison.Ordinal);
        var password = new NpgsqlConnectionStringBuilder(servers.Postgres) { Password = "wrong", Database = "template" };
        var wrong = await servers.MigrateAsync(password.ConnectionString);
        Assert.Contains("password authentication failed", wrong.Output, StringComparison.Ordinal);
        Assert.Equal((1, 1), (missing.ExitCode, wrong.ExitCode));
    }

    [Fact]
    public void The_topics_have_the_partitions_that_everything_counts_on()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers.AnyBroker }).Build();
        var topics = admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.ToDictionary(topic => topic.Topic, topic => topic.Partitions.Count);
        Assert.All(Topics.All, topic => Assert.Equal(Topics.Partitions, topics[topic]));
    }
}
