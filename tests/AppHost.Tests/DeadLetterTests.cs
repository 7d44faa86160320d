using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Support;

namespace AppHost.Tests;

/// <summary>From a record that nobody can read to its transaction's outcome, as an operator goes that way through the front door.</summary>
public class DeadLetterTests(RunningSystem system)
{
    /// <summary>AppHost/appsettings.json's.</summary>
    private const string AdminKey = "development-admin-key-change-me";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task Poison_is_in_the_dead_letters_with_its_reason_and_redriven_as_it_is_repaired_its_transaction_is_PROCESSED()
    {
        var id = $"poison_{Guid.NewGuid():N}";
        await system.InsertUnpublishedAsync(id);
        await system.ProduceAsync(id, $$"""{"transaction_id":"{{id}}","amount":"12.5""");

        var letter = (await Eventually.GetAsync(stop => FindAsync(id, stop), found => found is not null, Stop))!;
        Assert.Equal(("transactions", "undecodable"), (letter["topic"]!.GetValue<string>(), letter["reason"]!.GetValue<string>()));
        Assert.Equal($$"""{"transaction_id":"{{id}}","amount":"12.5""", letter["value"]!.GetValue<string>());
        Assert.NotEmpty(letter["detail"]!.GetValue<string>());
        var row = (await system.ReadAsync(id, Stop))!;
        Assert.Equal("PROCESSING", row["status"]!.GetValue<string>());

        using var redriven = await RedriveAsync(letter, new JsonObject
        {
            ["value"] = new JsonObject
            {
                ["transaction_id"] = id,
                ["source_account"] = "acc_a",
                ["destination_account"] = "acc_b",
                ["amount"] = "12.50",
                ["currency"] = "USD",
                ["created_at"] = row["created_at"]!.DeepClone(),
            },
        });

        Assert.Equal(HttpStatusCode.OK, redriven.StatusCode);
        Assert.Equal("PROCESSED", (await system.WaitForOutcomeAsync(id, Stop))!["status"]!.GetValue<string>());
        Assert.Null(await FindAsync(id, Stop));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_record_that_came_before_its_row_is_redriven_from_the_row()
    {
        var id = $"early_{Guid.NewGuid():N}";
        await system.ProduceAsync(
            id,
            $$"""
            {"transaction_id":"{{id}}","source_account":"a","destination_account":"b","amount":"1","currency":"USD","created_at":"2024-01-15T10:30:00Z"}
            """);
        var letter = (await Eventually.GetAsync(stop => FindAsync(id, stop), found => found is not null, Stop))!;
        Assert.Equal("unknown_transaction", letter["reason"]!.GetValue<string>());
        using var refused = await RedriveAsync(letter);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);

        await system.InsertUnpublishedAsync(id);
        using var redriven = await RedriveAsync(letter);

        Assert.Equal(HttpStatusCode.OK, redriven.StatusCode);
        Assert.Equal("PROCESSED", (await system.WaitForOutcomeAsync(id, Stop))!["status"]!.GetValue<string>());
    }

    [Theory(Timeout = 120_000)]
    [InlineData("GET", "/admin/dead-letters")]
    [InlineData("POST", "/admin/dead-letters/1/redrive")]
    [InlineData("POST", "/admin/dead-letters/redrive")]
    [InlineData("DELETE", "/admin/dead-letters/1")]
    public async Task Administration_is_closed_to_who_has_no_admin_key_also_in_Development(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await system.Client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    /// <summary>The dead letter of a key; null while there is none.</summary>
    private async Task<JsonNode?> FindAsync(string key, CancellationToken stop)
    {
        using var response = await SendAsync(HttpMethod.Get, "/admin/dead-letters?topic=transactions&limit=200");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var page = await response.Content.ReadFromJsonAsync<JsonNode>(stop);
        return page!["data"]!.AsArray().SingleOrDefault(letter => letter!["key"]?.GetValue<string>() == key);
    }

    // As an operator would: 503 is "try again", and the first record of a producer waits for its connection.
    private Task<HttpResponseMessage> RedriveAsync(JsonNode letter, JsonObject? body = null) => Eventually.GetAsync(
        _ => SendAsync(HttpMethod.Post, $"/admin/dead-letters/{letter["id"]}/redrive", body),
        response => response.StatusCode != HttpStatusCode.ServiceUnavailable,
        Stop);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("X-API-Key", AdminKey);
        return await system.Client.SendAsync(request, Stop);
    }
}
