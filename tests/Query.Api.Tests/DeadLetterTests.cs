using System.Text;
using System.Text.Json;
using Npgsql;

namespace Query.Api.Tests;

/// <summary>A database of its own; each test has a topic of its own.</summary>
public sealed class DeadLetterTests(DeadLetterTests.Service service) : IClassFixture<DeadLetterTests.Service>
{
    private const string Key = "an-admin-key-for-these-tests";

    private readonly QueryService _query = service.Query;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(200)]
    public async Task Pages_show_every_dead_letter_of_a_topic_once_newest_first(int limit)
    {
        var topic = $"pages.{limit}";
        var ids = new List<long>();
        for (var offset = 0; offset < 3; offset++)
        {
            ids.Add(await service.AddAsync(topic, offset));
            await service.AddAsync("another", offset + (limit * 10));
        }

        var seen = new List<long>();
        for (var cursor = ""; ;)
        {
            var page = await _query.GetJsonAsync($"/admin/dead-letters?topic={topic}&limit={limit}&cursor={cursor}");
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(letter => letter.GetProperty("id").GetInt64()));
            Assert.InRange(seen.Count, 0, ids.Count); // A cursor that does not move on would page for ever.
            if (page.GetProperty("next_cursor").GetString() is not { } next) break;
            cursor = next;
        }

        Assert.Equal(ids.OrderDescending(), seen);
    }

    [Fact]
    public async Task Without_a_topic_all_are_shown_newest_first()
    {
        var first = await service.AddAsync("all.a", 1);
        var second = await service.AddAsync("all.b", 1);

        var letters = (await _query.GetJsonAsync("/admin/dead-letters?limit=200")).GetProperty("data");
        var ids = letters.EnumerateArray().Select(letter => letter.GetProperty("id").GetInt64()).ToList();

        Assert.Equal(ids.OrderDescending(), ids);
        Assert.Contains(first, ids);
        Assert.Contains(second, ids);
    }

    [Fact]
    public async Task A_dead_letter_is_shown_with_its_record_its_origin_and_its_reason()
    {
        var id = await service.AddAsync("whole", 4711, "txn_1"u8.ToArray(), "{\"transaction_id\":\"txn_ü"u8.ToArray(), "undecodable");

        var letter = await LetterAsync("whole");

        Assert.Equal(
            ["id", "topic", "partition", "offset", "record_timestamp", "key", "value", "value_bytes", "reason", "detail", "created_at"],
            letter.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("whole", 3, 4711L), (Text(letter, "topic"), letter.GetProperty("partition").GetInt32(), letter.GetProperty("offset").GetInt64()));
        Assert.Equal(("txn_1", "{\"transaction_id\":\"txn_ü"), (Text(letter, "key"), Text(letter, "value")));
        Assert.Equal((id, "undecodable", "Why it is here."), (letter.GetProperty("id").GetInt64(), Text(letter, "reason"), Text(letter, "detail")));
        Assert.Equal("2024-01-15T10:30:00.123Z", Text(letter, "record_timestamp"));
        Assert.EndsWith("Z", Text(letter, "created_at"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_text_is_shown_in_base64()
    {
        await service.AddAsync("bytes", 1, "a\0b"u8.ToArray(), [0xff, 0xfe, 0x00]);

        var letter = await LetterAsync("bytes");

        Assert.Equal(JsonValueKind.Null, letter.GetProperty("key").ValueKind);
        Assert.Equal("a\0b"u8.ToArray(), letter.GetProperty("key_base64").GetBytesFromBase64());
        Assert.Equal(JsonValueKind.Null, letter.GetProperty("value").ValueKind);
        Assert.Equal([0xff, 0xfe, 0x00], letter.GetProperty("value_base64").GetBytesFromBase64());
        Assert.Equal(3, letter.GetProperty("value_bytes").GetInt32());
    }

    [Fact]
    public async Task A_record_without_key_and_body_shows_null_and_an_empty_body_is_empty_text()
    {
        await service.AddAsync("nothing", 1, null, null, "unknown_transaction");
        await service.AddAsync("empty", 1, [], []);

        var nothing = await LetterAsync("nothing");
        Assert.All((string[])["key", "value", "value_bytes"], name => Assert.Equal(JsonValueKind.Null, nothing.GetProperty(name).ValueKind));
        var empty = await LetterAsync("empty");
        Assert.Equal(("", "", 0), (Text(empty, "key"), Text(empty, "value"), empty.GetProperty("value_bytes").GetInt32()));
    }

    [Fact]
    public async Task Of_a_long_body_its_beginning_is_shown_and_its_length_also_when_a_character_is_cut_in_two()
    {
        await service.AddAsync("long", 1, value: Encoding.UTF8.GetBytes("x" + new string('ü', 500_000)));

        var letter = await LetterAsync("long");

        Assert.Equal(1_000_001, letter.GetProperty("value_bytes").GetInt32());
        Assert.Equal("x" + new string('ü', ((16 * 1024) - 1) / 2), Text(letter, "value"));
    }

    [Fact]
    public async Task A_reason_shows_those_that_have_it_alone()
    {
        var first = await service.AddAsync("reason", 1, reason: "given_up");
        await service.AddAsync("reason", 2);
        var last = await service.AddAsync("reason", 3, reason: "given_up");

        var letters = (await _query.GetJsonAsync("/admin/dead-letters?topic=reason&reason=given_up")).GetProperty("data").EnumerateArray();

        Assert.Equal([last, first], letters.Select(letter => letter.GetProperty("id").GetInt64()));
        Assert.Empty((await _query.GetJsonAsync("/admin/dead-letters?topic=reason&reason=none")).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task Reasons_are_counted_by_topic_most_first_with_the_newest_ones_sentence()
    {
        foreach (var (offset, reason) in ((int, string)[])[(1, "undecodable"), (2, "given_up"), (3, "given_up")])
            await service.AddAsync("counted", offset, value: new byte[100_000], reason: reason);
        await service.ExecuteAsync(
            """
            UPDATE dead_letters SET created_at = timestamptz '2024-01-15T08:30:00Z' + "offset" * interval '1 h', detail = 'Number ' || "offset" || '.'
            WHERE topic = 'counted'
            """);

        var reasons = (await _query.GetJsonAsync("/admin/dead-letters/reasons?topic=counted")).GetProperty("data").EnumerateArray().ToList();

        Assert.Equal(
            """
            {"topic":"counted","reason":"given_up","count":2,"oldest_at":"2024-01-15T10:30:00Z","newest_at":"2024-01-15T11:30:00Z",
            "example_detail":"Number 3."}
            """.ReplaceLineEndings(""),
            reasons[0].GetRawText());
        Assert.Equal(("undecodable", 1, 2), (Text(reasons[1], "reason"), reasons[1].GetProperty("count").GetInt32(), reasons.Count));
        Assert.Empty((await _query.GetJsonAsync("/admin/dead-letters/reasons?topic=nobodys")).GetProperty("data").EnumerateArray());
        Assert.Contains(
            (await _query.GetJsonAsync("/admin/dead-letters/reasons")).GetProperty("data").EnumerateArray(), reason => Text(reason, "topic") == "counted");
        await _query.GetProblemAsync("/admin/dead-letters/reasons?topic=a%20b", 422);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=1e1", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("cursor=-1", "cursor")]
    [InlineData("cursor=99999999999999999999", "cursor")]
    [InlineData("cursor=rubbish", "cursor")]
    [InlineData("topic=a%00b", "topic")]
    [InlineData("topic=a b", "topic")]
    [InlineData("reason=a b", "reason")]
    public async Task A_parameter_that_is_not_acceptable_is_named(string query, string parameter)
    {
        var problem = await _query.GetProblemAsync($"/admin/dead-letters?{query.Replace(" ", "%20", StringComparison.Ordinal)}", 422);

        Assert.Equal([parameter], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task Only_an_admin_key_opens_the_list()
    {
        const string Ordinary = "an-ordinary-key-for-these-tests";
        await using var query = new QueryService(service.ConnectionString, ("Auth:AdminKeys:0", Key), ("Auth:ApiKeys:0", Ordinary));

        await query.GetProblemAsync("/admin/dead-letters", 401);
        query.Client.DefaultRequestHeaders.Add("X-API-Key", Ordinary);
        await query.GetProblemAsync("/admin/dead-letters", 403);
    }

    [Fact]
    public async Task Without_a_configured_admin_key_the_list_is_closed_also_in_Development()
    {
        await using var query = new QueryService(service.ConnectionString);

        var problem = await query.GetProblemAsync("/admin/dead-letters", 401);

        Assert.Contains("Auth__AdminKeys__0", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_database_it_is_503()
    {
        await using var query = new QueryService("Host=127.0.0.1;Port=1;Username=u;Password=p;Database=webhooks", ("Auth:AdminKeys:0", Key));
        query.Client.DefaultRequestHeaders.Add("X-API-Key", Key);

        await query.GetProblemAsync("/admin/dead-letters", 503);
    }

    private static string? Text(JsonElement letter, string member) => letter.GetProperty(member).GetString();

    private async Task<JsonElement> LetterAsync(string topic) =>
        Assert.Single((await _query.GetJsonAsync($"/admin/dead-letters?topic={topic}")).GetProperty("data").EnumerateArray());

    /// <summary>The service on a database whose dead letters are all of this class.</summary>
    public sealed class Service(Databases databases) : IAsyncLifetime
    {
        private const string Insert =
            """
            INSERT INTO dead_letters (topic, partition, "offset", record_timestamp, key, value, reason, detail)
            VALUES ($1, 3, $2, '2024-01-15T10:30:00.123Z', $3, $4, $5, 'Why it is here.') RETURNING id
            """;

        private NpgsqlDataSource? _database;
        private QueryService? _query;

        internal QueryService Query => _query ?? throw new InvalidOperationException("Not yet started.");

        internal string ConnectionString { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            ConnectionString = await databases.CreateAsync("dead_letters");
            _database = NpgsqlDataSource.Create(ConnectionString);
            _query = new QueryService(ConnectionString, ("Auth:AdminKeys:0", Key));
            _query.Client.DefaultRequestHeaders.Add("X-API-Key", Key);
        }

        /// <summary>Puts one there as the worker would; its id.</summary>
        internal async Task<long> AddAsync(string topic, long offset, byte[]? key = null, byte[]? value = null, string reason = "undecodable")
        {
            await using var command = _database!.CreateCommand(Insert);
            foreach (var column in new object?[] { topic, offset, key, value, reason }) command.Parameters.AddWithValue(column ?? DBNull.Value);
            return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }

        internal async Task ExecuteAsync(string sql)
        {
            await using var command = _database!.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            if (_query is not null) await _query.DisposeAsync();
            if (_database is not null) await _database.DisposeAsync();
        }
    }
}
