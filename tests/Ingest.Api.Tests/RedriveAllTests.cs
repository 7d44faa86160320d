using System.Text;

namespace Ingest.Api.Tests;

/// <summary>Many dead letters, and Kafka away. A test that leaves dead letters has a database of its own.</summary>
[Trait("Kafka", "yes")]
public sealed class RedriveAllTests(DeadLetterService letters, Servers servers) : IClassFixture<DeadLetterService>
{
    private const string Redrive = "/admin/dead-letters/redrive", Delete = "/admin/dead-letters/delete";

    [Fact]
    public async Task All_of_a_topic_and_reason_are_sent_and_deleted_what_cannot_be_sent_is_skipped_and_stays()
    {
        await using var ingest = await IngestService.StartAsync(servers, ("Auth:AdminKeys:0", DeadLetterService.Key));
        var run = Guid.NewGuid().ToString("N");
        for (var i = 0; i < 120; i++) await AddAsync(ingest, $"{run}_{i}", "x");
        await DeadLetterService.AddAsync(ingest.Database, "large"u8.ToArray(), new byte[1_100_000]);
        await AddAsync(ingest, "nobody", null, "unknown_transaction");
        await AddAsync(ingest, "elsewhere", "x", topic: "another.topic");

        Assert.Equal(
            """{"redriven":120,"skipped":1,"refused":0,"dry_run":false,"has_more":false}""",
            await RedriveAllAsync(ingest, """{"topic":"transactions","reason":"undecodable"}"""));

        Assert.Equal(
            ["elsewhere", "large", "nobody"],
            await ingest.Database.ReadAsync<string[]>("SELECT array_agg(convert_from(key, 'UTF8') ORDER BY convert_from(key, 'UTF8')) FROM dead_letters"));
        foreach (var i in (int[])[0, 49, 50, 119]) Assert.Single(await Records.ReadAsync(servers.Broker, $"{run}_{i}"));
        Assert.Equal(
            """{"redriven":0,"skipped":2,"refused":0,"dry_run":false,"has_more":false}""", await RedriveAllAsync(ingest, """{"topic":"transactions"}"""));
        Assert.Equal(
            """{"redriven":0,"skipped":0,"refused":0,"dry_run":false,"has_more":false}""",
            await RedriveAllAsync(ingest, """{"topic":"no.such.topic","reason":null}"""));
    }

    [Fact]
    public async Task A_dry_run_counts_what_a_redrive_or_a_deletion_would_take_and_changes_nothing()
    {
        await using var ingest = await IngestService.StartAsync(servers, ("Auth:AdminKeys:0", DeadLetterService.Key));
        foreach (var (key, reason) in ((string, string)[])[("dry_1", "undecodable"), ("dry_2", "refused"), ("dry_3", "refused")])
            await AddAsync(ingest, key, "x", reason);

        Assert.Equal(
            """{"redriven":3,"skipped":0,"refused":0,"dry_run":true,"has_more":false}""",
            await RedriveAllAsync(ingest, """{"topic":"transactions","dry_run":true}"""));
        Assert.Equal(
            """{"deleted":2,"dry_run":true,"has_more":false}""",
            await DeleteAllAsync(ingest, """{"topic":"transactions","reason":"refused","dry_run":true}"""));

        Assert.Equal(3, await ingest.Database.ReadAsync<long>("SELECT count(*) FROM dead_letters"));
        await ingest.Database.ExecuteAsync("UPDATE dead_letters SET value = 'later'");
        await RedriveAllAsync(ingest, """{"topic":"transactions"}""");
        foreach (var key in (string[])["dry_1", "dry_2", "dry_3"])
            Assert.Equal("later", Encoding.UTF8.GetString(Assert.Single(await Records.ReadAsync(servers.Broker, key)).Value));
    }

    [Fact]
    public async Task All_of_a_topic_and_reason_are_deleted_and_no_others()
    {
        await using var ingest = await IngestService.StartAsync(servers, ("Auth:AdminKeys:0", DeadLetterService.Key));
        await ingest.Database.ExecuteAsync(
            "INSERT INTO dead_letters (topic, partition, \"offset\", record_timestamp, reason, detail) " +
            "SELECT 'transactions', 0, n, now(), 'undecodable', 'Why.' FROM generate_series(1, 1200) AS n");
        await AddAsync(ingest, "kept", "x", "refused");
        await AddAsync(ingest, "elsewhere", "x", topic: "another.topic");

        Assert.Equal(
            """{"deleted":1200,"dry_run":false,"has_more":false}""",
            await DeleteAllAsync(ingest, """{"topic":"transactions","reason":"undecodable"}"""));

        Assert.Equal(
            ["elsewhere", "kept"],
            await ingest.Database.ReadAsync<string[]>("SELECT array_agg(convert_from(key, 'UTF8') ORDER BY convert_from(key, 'UTF8')) FROM dead_letters"));
        Assert.Equal("""{"deleted":1,"dry_run":false,"has_more":false}""", await DeleteAllAsync(ingest, """{"topic":"transactions"}"""));
        Assert.Equal("""{"deleted":0,"dry_run":false,"has_more":false}""", await DeleteAllAsync(ingest, """{"topic":"no.such.topic"}"""));
    }

    [Fact]
    public async Task Those_that_another_redrive_holds_are_left_to_it()
    {
        var ingest = letters.Ingest;
        for (var i = 0; i < 60; i++) await AddAsync(ingest, $"shared_{i}", "x");

        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => SendAsync(ingest, """{"topic":"transactions"}""")));

        Assert.Equal(60, answers.Sum(answer => answer.Json.GetProperty("redriven").GetInt32()));
        Assert.Equal(0, await ingest.Database.ReadAsync<long>("SELECT count(*) FROM dead_letters"));
    }

    [Fact]
    public async Task Without_Kafka_a_redrive_is_503_and_the_dead_letters_stay()
    {
        var database = new Database(await servers.CreateDatabaseAsync());
        // Port 1 takes no connections anywhere.
        await using var ingest = IngestService.Start(
            database, database.ConnectionString, "127.0.0.1:1", null, ("Accept:DeliveryTimeout", "00:00:01"), ("Auth:AdminKeys:0", DeadLetterService.Key));
        var id = await AddAsync(ingest, "stays", "x");

        (await DeadLetterService.SendAsync(ingest, HttpMethod.Post, $"/admin/dead-letters/{id}/redrive")).IsUnavailable();
        (await SendAsync(ingest, """{"topic":"transactions"}""")).IsUnavailable();

        Assert.Equal(1, await database.ReadAsync<long>("SELECT count(*) FROM dead_letters"));
    }

    [Theory]
    [InlineData("", "topic")]
    [InlineData("{}", "topic")]
    [InlineData("""{"topic":""}""", "topic")]
    [InlineData("""{"topic":7,"reason":7}""", "topic", "reason")]
    [InlineData("""{"topic":"a b","reason":"a\u0000b"}""", "topic", "reason")]
    [InlineData("{\"topic\":\"\\ud800\",\"reason\":\"\\ud800\"}", "topic", "reason")]
    [InlineData("""{"topic":"transactions","dry_run":"yes"}""", "dry_run")]
    public async Task A_selection_that_is_not_acceptable_is_refused_by_its_members(string body, params string[] members)
    {
        foreach (var path in (string[])[Redrive, Delete])
        {
            var problem = (await SendAsync(letters.Ingest, body, path)).IsProblem(422, "validation_failed");

            Assert.Equal(members, problem.GetProperty("errors").EnumerateObject().Select(member => member.Name));
        }
    }

    private static Task<long> AddAsync(IngestService ingest, string key, string? value, string reason = "undecodable", string topic = "transactions") =>
        DeadLetterService.AddAsync(ingest.Database, Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value), reason, topic);

    private static Task<Answer> SendAsync(IngestService ingest, string body, string path = Redrive) =>
        DeadLetterService.SendAsync(ingest, HttpMethod.Post, path, body);

    private static Task<string> RedriveAllAsync(IngestService ingest, string body) => AnsweredAsync(ingest, body, Redrive);

    private static Task<string> DeleteAllAsync(IngestService ingest, string body) => AnsweredAsync(ingest, body, Delete);

    private static async Task<string> AnsweredAsync(IngestService ingest, string body, string path)
    {
        var answer = await SendAsync(ingest, body, path);
        Assert.Equal(200, answer.Status);
        return answer.Body;
    }
}
