using System.Text.Json.Nodes;
using Contracts;
using Npgsql;

namespace AppHost.Tests.Api;

/// <summary>The part of <see cref="ConformanceTests"/> that walks what operators read and do.</summary>
/// <param name="caller">Who compares.</param>
/// <param name="mark">Makes ids that no other run has, and the e-mail address of a user.</param>
/// <param name="adminKey">The operator's.</param>
/// <param name="userKey">A user's, who is no administrator.</param>
/// <param name="database">Where dead letters are put.</param>
internal sealed class OperationsConformance(Caller caller, string mark, string adminKey, string userKey, NpgsqlDataSource database)
{
    /// <summary>No worker reads it.</summary>
    private const string LetterTopic = "transactions.dlq";

    public async Task RunAsync()
    {
        await OperationsAsync();
        await DeadLettersAsync();
        await OfManyAsync();
    }

    private async Task OperationsAsync()
    {
        foreach (var id in (string[])["getStats", "listWorkers", "checkLedger", "listUsers"])
        {
            await caller.CallAsync(200, id, key: adminKey);
            await caller.CallAsync(401, id);
            await caller.CallAsync(403, id, key: userKey);
        }

        await caller.CallAsync(200, "getStats", "?window=24h", key: adminKey);
        await caller.CallAsync(422, "getStats", "?window=2h", key: adminKey);
        await caller.CallAsync(200, "checkLedger", "?customer_id=cust_42", key: adminKey);
        await caller.CallAsync(422, "checkLedger", "?customer_id=a%20b", key: adminKey);
        await caller.CallAsync(200, "search", $"?q=one_{mark}@example.com", key: adminKey);
        foreach (var q in (string[])[$"api_{mark}", $"Deposit_{mark}", "1", "019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f"])
            await caller.CallAsync(200, "search", $"?q={q}", key: adminKey);
        await caller.CallAsync(422, "search", key: adminKey);
        await caller.CallAsync(401, "search", "?q=1");
        await caller.CallAsync(403, "search", "?q=1", key: userKey);
        await caller.CallAsync(200, "listUsers", $"?email=one_{mark}@example.com", key: adminKey);
        await caller.CallAsync(422, "listUsers", "?limit=0", key: adminKey);
    }

    private async Task DeadLettersAsync()
    {
        await caller.CallAsync(403, "listDeadLetters", key: userKey);
        await caller.CallAsync(403, "redriveDeadLetters", body: new JsonObject { ["topic"] = LetterTopic }, key: userKey);
        foreach (var id in (string[])["redriveDeadLetter", "deleteDeadLetter"]) await caller.CallAsync(403, id, "1", key: userKey);
        await caller.CallAsync(401, "listDeadLetters");
        await caller.CallAsync(422, "listDeadLetters", "?topic=no%20topic", key: adminKey);
        var (gone, kept) = (await InsertLetterAsync("unknown_transaction", value: null), await InsertLetterAsync("undecodable", value: [0xC3, 0x28]));
        await caller.CallAsync(200, "listDeadLetters", $"?topic={LetterTopic}&limit=2", key: adminKey);
        await caller.CallAsync(200, "redriveDeadLetter", $"{kept}", new JsonObject { ["value"] = new JsonObject { ["a"] = "b" } }, adminKey);
        await caller.CallAsync(404, "redriveDeadLetter", $"{kept}", key: adminKey);
        await caller.CallAsync(401, "redriveDeadLetter", $"{gone}");
        await caller.CallAsync(422, "redriveDeadLetter", $"{gone}", new JsonObject { ["key"] = "" }, adminKey);
        await caller.CallAsync(422, "redriveDeadLetter", $"{gone}", new JsonObject { ["value"] = 7 }, adminKey);
        await caller.CallWithUnreadableBodiesAsync("redriveDeadLetter", $"{gone}", adminKey);
        var open = await InsertLetterAsync("given_up", """{"payment_id":999999999999,"user_id":1}"""u8.ToArray(), Topics.Payments);
        await caller.CallAsync(409, "redriveDeadLetter", $"{open}", key: adminKey);
        await caller.CallAsync(204, "deleteDeadLetter", $"{open}", key: adminKey);
        await caller.CallAsync(204, "deleteDeadLetter", $"{gone}", key: adminKey);
        await caller.CallAsync(404, "deleteDeadLetter", $"{gone}", key: adminKey);
        await caller.CallAsync(401, "deleteDeadLetter", $"{gone}");
        await caller.CallAsync(200, "redriveDeadLetters", body: new JsonObject { ["topic"] = LetterTopic, ["reason"] = null }, key: adminKey);
        await caller.CallAsync(422, "redriveDeadLetters", body: new JsonObject(), key: adminKey);
        await caller.CallAsync(422, "redriveDeadLetters", body: new JsonObject { ["topic"] = "no topic" }, key: adminKey);
        await caller.CallAsync(401, "redriveDeadLetters", body: new JsonObject { ["topic"] = LetterTopic });
        await caller.CallWithUnreadableBodiesAsync("redriveDeadLetters", key: adminKey);
    }

    private async Task OfManyAsync()
    {
        await InsertLetterAsync("refused", value: null);
        var all = new JsonObject { ["topic"] = LetterTopic, ["dry_run"] = true };
        await caller.CallAsync(200, "listDeadLetterReasons", $"?topic={LetterTopic}", key: adminKey);
        await caller.CallAsync(422, "listDeadLetterReasons", "?topic=no%20topic", key: adminKey);
        await caller.CallAsync(401, "listDeadLetterReasons");
        await caller.CallAsync(403, "listDeadLetterReasons", key: userKey);
        await caller.CallAsync(200, "redriveDeadLetters", body: all, key: adminKey);
        await caller.CallAsync(200, "deleteDeadLetters", body: all.DeepClone(), key: adminKey);
        await caller.CallAsync(200, "deleteDeadLetters", body: new JsonObject { ["topic"] = LetterTopic, ["reason"] = null }, key: adminKey);
        await caller.CallAsync(422, "deleteDeadLetters", body: new JsonObject { ["topic"] = "no topic" }, key: adminKey);
        await caller.CallAsync(422, "deleteDeadLetters", body: new JsonObject { ["topic"] = LetterTopic, ["dry_run"] = "yes" }, key: adminKey);
        await caller.CallAsync(401, "deleteDeadLetters", body: all.DeepClone());
        await caller.CallAsync(403, "deleteDeadLetters", body: all.DeepClone(), key: userKey);
        await caller.CallWithUnreadableBodiesAsync("deleteDeadLetters", key: adminKey);
    }

    private async Task<long> InsertLetterAsync(string reason, byte[]? value, string topic = LetterTopic)
    {
        await using var command = database.CreateCommand(
            "INSERT INTO dead_letters (topic, partition, \"offset\", record_timestamp, key, value, reason, detail) " +
            "VALUES ($1, 0, $2, now(), $3, $4, $5, 'A test has put it here.') RETURNING id");
        command.Parameters.AddWithValue(topic);
        command.Parameters.AddWithValue(Random.Shared.NextInt64(1L << 40, 1L << 50));
        command.Parameters.AddWithValue(System.Text.Encoding.UTF8.GetBytes(mark));
        command.Parameters.AddWithValue((object?)value ?? DBNull.Value);
        command.Parameters.AddWithValue(reason);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
