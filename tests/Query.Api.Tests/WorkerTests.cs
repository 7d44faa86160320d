using System.Text.Json;
using Npgsql;

namespace Query.Api.Tests;

/// <summary>On a database of its own: the workers are those that these tests put there.</summary>
public sealed class WorkerTests(Databases databases) : IAsyncLifetime
{
    private const string Key = "an-admin-key-for-these-tests";

    private NpgsqlDataSource _database = null!;
    private QueryService _query = null!;

    public async ValueTask InitializeAsync()
    {
        var connectionString = await databases.CreateAsync($"workers_{Guid.NewGuid():N}");
        _database = NpgsqlDataSource.Create(connectionString);
        _query = new QueryService(connectionString, ("Auth:AdminKeys:0", Key));
        _query.Client.DefaultRequestHeaders.Add("X-API-Key", Key);
    }

    public async ValueTask DisposeAsync()
    {
        await _query.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_worker_is_shown_as_it_last_reported_with_its_start_and_its_topics()
    {
        var start = new DateTimeOffset(2026, 1, 15, 10, 30, 0, 125, TimeSpan.Zero);
        await AddAsync(
            $"host-17-{Guid.CreateVersion7(start):N}", "1 s", 7, 2.5,
            """{"transactions":{"lag":4,"waiting":3},"payments":{"lag":2,"waiting":1}}""", "Mend it.");

        var worker = Assert.Single(await ListAsync());

        Assert.StartsWith("host-17-", worker.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("2026-01-15T10:30:00.125Z", worker.GetProperty("started_at").GetString());
        Assert.EndsWith("Z", worker.GetProperty("seen_at").GetString(), StringComparison.Ordinal);
        Assert.Equal((7, 2.5), (worker.GetProperty("partitions").GetInt32(), worker.GetProperty("oldest_due_seconds").GetDouble()));
        Assert.Equal("""["Mend it."]""", worker.GetProperty("problems").GetRawText());
        Assert.Equal(
            """[{"topic":"payments","lag":2,"waiting":1},{"topic":"transactions","lag":4,"waiting":3}]""", worker.GetProperty("topics").GetRawText());
    }

    [Fact]
    public async Task Running_ones_come_first_then_those_that_are_gone_the_last_one_first_and_none_of_more_than_an_hour_ago()
    {
        foreach (var (id, age) in ((string, string)[])[("b", "1 s"), ("a", "3 s"), ("died", "30 min"), ("died later", "20 s"), ("forgotten", "61 min")])
            await AddAsync(id, age);

        var workers = await ListAsync();

        Assert.Equal(
            [("a", false), ("b", false), ("died later", true), ("died", true)],
            workers.Select(worker => (worker.GetProperty("id").GetString(), worker.GetProperty("is_gone").GetBoolean())));
        Assert.All(workers, worker => Assert.Equal(JsonValueKind.Null, worker.GetProperty("started_at").ValueKind)); // Their ids say nothing of it.
        Assert.All(workers, worker => Assert.Empty(worker.GetProperty("topics").EnumerateArray()));
    }

    [Fact]
    public async Task Without_workers_the_list_is_empty_and_without_an_admin_key_it_is_closed()
    {
        Assert.Empty(await ListAsync());

        _query.Client.DefaultRequestHeaders.Clear();
        await _query.GetProblemAsync("/admin/workers", 401);
    }

    private async Task<List<JsonElement>> ListAsync() => [.. (await _query.GetJsonAsync("/admin/workers")).GetProperty("data").EnumerateArray()];

    private async Task AddAsync(
        string id, string age, int partitions = 0, double oldestDue = 0, string topics = "{}", params string[] problems)
    {
        await using var command = _database.CreateCommand(
            """
            INSERT INTO worker_instances (instance_id, partitions, lag, waiting, oldest_due_seconds, topics, problems, seen_at)
            VALUES ($1, $2, 0, 0, $3, $4::jsonb, $5, now() - $6::interval)
            """);
        foreach (var value in new object[] { id, partitions, oldestDue, topics, problems, age }) command.Parameters.AddWithValue(value);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
