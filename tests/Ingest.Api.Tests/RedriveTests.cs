using System.Text;
using System.Text.Json;
using Contracts;

namespace Ingest.Api.Tests;

/// <summary>One dead letter at a time. Each test has keys of its own.</summary>
[Trait("Kafka", "yes")]
public sealed class RedriveTests(DeadLetterService letters, Servers servers) : IClassFixture<DeadLetterService>
{
    [Fact]
    public async Task A_redrive_sends_the_record_to_its_topic_byte_for_byte_and_deletes_the_dead_letter()
    {
        var id = await letters.AddAsync("as_it_was", "{\"transaction_id\":\"trunc");

        var answer = await letters.RedriveAsync(id);

        Assert.Equal((200, $$"""{"id":{{id}},"topic":"transactions","status":"redriven"}"""), (answer.Status, answer.Body));
        var record = Assert.Single(await Records.ReadAsync(servers.Broker, "as_it_was"));
        Assert.Equal("{\"transaction_id\":\"trunc", Encoding.UTF8.GetString(record.Value));
        Assert.Equal(EventTypes.TransactionAccepted, record.Header(MessageHeaders.EventType));
        Assert.False(await letters.IsThereAsync(id));
    }

    [Theory]
    [InlineData("repaired_whole", """{"key":"repaired_whole","value":{"transaction_id": "repaired_whole"}}""", """{"transaction_id": "repaired_whole"}""")]
    [InlineData("repaired_text", """{"key":"repaired_text","value":"any text ü"}""", "any text ü")]
    [InlineData("repaired_key", """{"key":"repaired_key"}""", "rubbish")]
    [InlineData("key", """{"value":{"a":[1,2]},"unknown":true}""", """{"a":[1,2]}""")]
    public async Task A_repaired_record_takes_the_place_of_what_was_wrong_with_it(string key, string body, string value)
    {
        var id = await letters.AddAsync("key", "rubbish");

        Assert.Equal(200, (await letters.RedriveAsync(id, body)).Status);

        Assert.Equal(value, Encoding.UTF8.GetString(Assert.Single(await Records.ReadAsync(servers.Broker, key)).Value));
        Assert.False(await letters.IsThereAsync(id));
    }

    [Fact]
    public async Task One_whose_body_was_not_kept_is_sent_as_its_row_says_once_there_is_one()
    {
        var id = await letters.AddAsync("from_row", null, "unknown_transaction");

        var refusal = (await letters.RedriveAsync(id)).IsProblem(422, "unknown_transaction");
        Assert.Contains("from_row", refusal.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True(await letters.IsThereAsync(id));

        await letters.Ingest.Database.ExecuteAsync(
            "INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, next_publish_at, traceparent) " +
            "VALUES ('from_row', 'a', 'b', 12.5, 'USD', now(), '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')");
        Assert.Equal(200, (await letters.RedriveAsync(id)).Status);

        var record = Assert.Single(await Records.ReadAsync(servers.Broker, "from_row"));
        var message = JsonSerializer.Deserialize(record.Value, MessageJson.Default.TransactionMessage)!;
        Assert.Equal(
            ("from_row", "a", "b", 12.5m, "USD"),
            (message.TransactionId, message.SourceAccount, message.DestinationAccount, message.Amount, message.Currency));
        Assert.Equal("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", record.Header(MessageHeaders.TraceParent));
        Assert.False(await letters.IsThereAsync(id));
    }

    [Fact]
    public async Task One_whose_body_was_not_kept_is_sent_with_the_body_that_the_caller_gives()
    {
        var id = await letters.AddAsync("from_caller", null, "unknown_transaction");

        Assert.Equal(200, (await letters.RedriveAsync(id, """{"value":"whole"}""")).Status);

        Assert.Equal("whole", Encoding.UTF8.GetString(Assert.Single(await Records.ReadAsync(servers.Broker, "from_caller")).Value));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a\0b")]
    public async Task A_key_that_cannot_be_an_id_has_no_row(string? key)
    {
        var id = await letters.AddAsync(key, null, "unknown_transaction");

        (await letters.RedriveAsync(id)).IsProblem(422, "unknown_transaction");
    }

    [Fact]
    public async Task Of_two_redrives_at_once_one_sends_it_and_the_other_finds_it_gone()
    {
        var id = await letters.AddAsync("at_once", "x");

        var answers = await Task.WhenAll(letters.RedriveAsync(id), letters.RedriveAsync(id));

        Assert.Equal([200, 404], answers.Select(answer => answer.Status).Order());
    }

    [Fact]
    public async Task A_record_larger_than_Kafka_takes_stays_and_the_answer_says_what_to_do()
    {
        var id = await DeadLetterService.AddAsync(letters.Ingest.Database, "large"u8.ToArray(), new byte[1_100_000]);

        (await letters.RedriveAsync(id)).IsProblem(422, "record_too_large");

        Assert.True(await letters.IsThereAsync(id));
        Assert.Equal(200, (await letters.RedriveAsync(id, """{"value":"small"}""")).Status);
    }

    [Theory]
    [InlineData("""{"key":""", 400, "invalid_json")]
    [InlineData("[]", 400, "invalid_json")]
    [InlineData("\"value\"", 400, "invalid_json")]
    [InlineData("{}{}", 400, "invalid_json")]
    [InlineData("{\"\\ud800\":1}", 400, "invalid_json")]
    [InlineData("""{"key":""}""", 422, "validation_failed", "key")]
    [InlineData("""{"key":null,"value":null}""", 422, "validation_failed", "key", "value")]
    [InlineData("""{"key":1,"value":[1]}""", 422, "validation_failed", "key", "value")]
    [InlineData("{\"key\":\"\\ud800\",\"value\":\"\\udfff\"}", 422, "validation_failed", "key", "value")]
    public async Task A_body_that_is_no_repair_is_refused_and_the_dead_letter_stays(string body, int status, string error, params string[] members)
    {
        var id = await letters.AddAsync("refused", "x");

        var problem = (await letters.RedriveAsync(id, body)).IsProblem(status, error);

        Assert.Equal(members, problem.TryGetProperty("errors", out var errors) ? errors.EnumerateObject().Select(member => member.Name) : []);
        Assert.True(await letters.IsThereAsync(id));
    }

    [Fact]
    public async Task A_body_that_nests_too_deep_is_too_large_or_is_no_JSON_is_never_a_5xx()
    {
        var id = await letters.AddAsync("hostile", "x");
        var path = $"/admin/dead-letters/{id}/redrive";

        (await letters.RedriveAsync(id, "{\"value\":" + new string('[', 10_000))).IsProblem(400, "invalid_json");
        (await letters.RedriveAsync(id, "{\"value\":\"" + new string('x', 70_000) + "\"}")).IsProblem(413, "payload_too_large");
        (await DeadLetterService.SendAsync(letters.Ingest, HttpMethod.Post, path, "key=a", "application/x-www-form-urlencoded"))
            .IsProblem(415, "unsupported_media_type");
        using var latin = new ByteArrayContent([(byte)'{', (byte)'"', 0xfc, (byte)'"', (byte)':', (byte)'1', (byte)'}'])
        {
            Headers = { ContentType = new("application/json") },
        };
        (await letters.Ingest.SendAsync(HttpMethod.Post, path, latin, ("X-API-Key", DeadLetterService.Key))).IsProblem(400, "invalid_json");
        Assert.True(await letters.IsThereAsync(id));
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("rubbish")]
    public async Task An_unknown_id_is_404(string id)
    {
        (await DeadLetterService.SendAsync(letters.Ingest, HttpMethod.Post, $"/admin/dead-letters/{id}/redrive")).IsProblem(404, "not_found");
        (await DeadLetterService.SendAsync(letters.Ingest, HttpMethod.Delete, $"/admin/dead-letters/{id}")).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task A_dead_letter_is_deleted_once()
    {
        var id = await letters.AddAsync("deleted", "x");

        Assert.Equal((204, ""), (await letters.DeleteAsync(id)) is var answer ? (answer.Status, answer.Body) : default);
        Assert.False(await letters.IsThereAsync(id));
        (await letters.DeleteAsync(id)).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task Without_an_admin_key_nothing_is_sent_and_nothing_deleted()
    {
        const string Ordinary = "an-ordinary-key-for-these-tests";
        await using var ingest = await IngestService.StartAsync(servers, ("Auth:AdminKeys:0", DeadLetterService.Key), ("Auth:ApiKeys:0", Ordinary));
        var id = await DeadLetterService.AddAsync(ingest.Database, "closed"u8.ToArray(), "x"u8.ToArray());

        (HttpMethod, string)[] calls =
        [
            (HttpMethod.Post, $"/admin/dead-letters/{id}/redrive"), (HttpMethod.Post, "/admin/dead-letters/redrive"),
            (HttpMethod.Post, "/admin/dead-letters/delete"), (HttpMethod.Delete, $"/admin/dead-letters/{id}"),
        ];
        foreach (var (method, path) in calls)
        {
            (await ingest.SendAsync(method, path)).IsProblem(401, "unauthorized");
            (await ingest.SendAsync(method, path, null, ("X-API-Key", Ordinary))).IsProblem(403, "forbidden");
        }

        Assert.Equal(1, await ingest.Database.ReadAsync<long>("SELECT count(*) FROM dead_letters"));
        (await ingest.PostAsync(IngestService.Body("by_admin"), ("X-API-Key", DeadLetterService.Key))).IsAccepted("by_admin");
    }
}
