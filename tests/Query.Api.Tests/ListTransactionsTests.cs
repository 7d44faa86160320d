using System.Globalization;
using System.Text.Json;

namespace Query.Api.Tests;

/// <summary>Each test has a year of its own, and so its own rows, in the one table.</summary>
public sealed class ListTransactionsTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(200)]
    public async Task Pages_show_every_row_once_newest_first_also_those_of_one_instant(int limit)
    {
        var year = 1900 + limit;
        string[] times =
        [
            $"{year}-01-01T00:00:03Z", $"{year}-01-01T00:00:02.000001Z", $"{year}-01-01T00:00:02Z", $"{year}-01-01T00:00:02Z",
            $"{year}-01-01T00:00:02Z", $"{year}-01-01T00:00:01Z",
        ];
        string[] ids = [$"p{limit}_a", $"p{limit}_z", $"p{limit}_~", $"p{limit}_a2", $"p{limit}_A", $"p{limit}_b"];
        foreach (var (time, id) in times.Zip(ids)) await Rows.AddAsync(databases.ConnectionString, id, createdAt: time);

        var seen = await AllPages($"{Year(year)}&limit={limit}");

        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task Rows_that_come_while_one_pages_neither_move_nor_repeat_what_is_below()
    {
        foreach (var day in (int[])[1, 2, 3, 4]) await Rows.AddAsync(databases.ConnectionString, $"stable_{day}", createdAt: $"1950-01-0{day}T00:00:00Z");
        var first = await _query.GetJsonAsync($"/v1/transactions?{Year(1950)}&limit=2");

        await Rows.AddAsync(databases.ConnectionString, "stable_5", createdAt: "1950-01-05T00:00:00Z");
        var second = await _query.GetJsonAsync($"/v1/transactions?{Year(1950)}&limit=2&cursor={first.GetProperty("next_cursor").GetString()}");

        Assert.Equal(["stable_4", "stable_3"], Ids(first));
        Assert.Equal(["stable_2", "stable_1"], Ids(second));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next_cursor").ValueKind);
    }

    [Fact]
    public async Task An_account_is_found_on_either_side_and_a_transfer_to_itself_is_shown_once()
    {
        await Rows.AddAsync(databases.ConnectionString, "acc_out", source: "acc_both", createdAt: "1951-01-01T00:00:01Z");
        await Rows.AddAsync(databases.ConnectionString, "acc_in", destination: "acc_both", createdAt: "1951-01-01T00:00:02Z");
        await Rows.AddAsync(databases.ConnectionString, "acc_self", source: "acc_both", destination: "acc_both", createdAt: "1951-01-01T00:00:03Z");
        await Rows.AddAsync(databases.ConnectionString, "acc_other", createdAt: "1951-01-01T00:00:04Z");

        foreach (var limit in (int[])[1, 2, 3, 50])
            Assert.Equal(["acc_self", "acc_in", "acc_out"], await AllPages($"account=acc_both&limit={limit}"));
    }

    [Fact]
    public async Task A_status_is_asked_for_with_and_without_an_account()
    {
        foreach (var status in (string[])["PROCESSING", "PROCESSED", "FAILED"])
        {
            await Rows.AddAsync(databases.ConnectionString, $"st_mine_{status}", source: "acc_status", status: status, createdAt: "1952-01-01T00:00:01Z");
            await Rows.AddAsync(databases.ConnectionString, $"st_{status}", status: status, createdAt: "1952-01-01T00:00:02Z");
        }

        foreach (var status in (string[])["PROCESSING", "PROCESSED", "FAILED"])
        {
            Assert.Equal([$"st_{status}", $"st_mine_{status}"], await AllPages($"{Year(1952)}&status={status}"));
            Assert.Equal([$"st_mine_{status}"], await AllPages($"account=acc_status&status={status}"));
        }
    }

    [Theory]
    [InlineData("created_from=1953-01-01T00:00:02Z&created_to=1954-01-01T00:00:00Z", "r3,r2")]
    [InlineData("created_from=1953-01-01T00:00:00Z&created_to=1953-01-01T00:00:02Z", "r1")]
    [InlineData("created_from=1953-01-01T01:00:02%2B01:00&created_to=1953-01-01T00:00:02.000001Z", "r2")]
    [InlineData("created_from=1953-01-01t00:00:02.000000999z&created_to=1954-01-01T00:00:00Z", "r3,r2")]
    [InlineData("created_from=1953-01-01T00:00:02Z&created_to=1953-01-01T00:00:02Z", "")]
    public async Task From_is_inclusive_and_to_is_exclusive(string range, string expected)
    {
        foreach (var second in (int[])[1, 2, 3]) await Rows.AddAsync(databases.ConnectionString, $"r{second}", createdAt: $"1953-01-01T00:00:0{second}Z");

        Assert.Equal(expected, string.Join(',', await AllPages(range)));
    }

    [Fact]
    public async Task Empty_and_unknown_parameters_are_as_none()
    {
        await Rows.AddAsync(databases.ConnectionString, "empty_1", createdAt: "1955-01-01T00:00:00Z");

        Assert.Equal(["empty_1"], await AllPages($"{Year(1955)}&status=&account=&limit=&colour=blue"));
    }

    [Theory]
    [InlineData("status=processed", "status", "PROCESSING, PROCESSED, FAILED")]
    [InlineData("status=DONE", "status", "PROCESSING, PROCESSED, FAILED")]
    [InlineData("status=%00", "status", "PROCESSING, PROCESSED, FAILED")]
    [InlineData("status=FAILED&status=PROCESSED", "status", "2 times")]
    [InlineData("account=a%20b", "account", "1-128 characters")]
    [InlineData("account=%00", "account", "1-128 characters")]
    [InlineData("account=%ff", "account", "1-128 characters")]
    [InlineData("limit=0", "limit", "1 to 200")]
    [InlineData("limit=201", "limit", "1 to 200")]
    [InlineData("limit=-1", "limit", "1 to 200")]
    [InlineData("limit=1.0", "limit", "1 to 200")]
    [InlineData("limit=99999999999999999999", "limit", "1 to 200")]
    [InlineData("limit=1&limit=1", "limit", "2 times")]
    [InlineData("created_from=yesterday", "created_from", "RFC 3339")]
    [InlineData("created_from=2024-01-15", "created_from", "RFC 3339")]
    [InlineData("created_from=2024-01-15T10:30:00", "created_from", "RFC 3339")]
    [InlineData("created_from=2024-01-15T10:30:00+01:00", "created_from", "%2B")]
    [InlineData("created_from=2024-13-15T10:30:00Z", "created_from", "RFC 3339")]
    [InlineData("created_from=2024-01-15T10:30:00.Z", "created_from", "RFC 3339")]
    [InlineData("created_from=0001-01-01T00:00:00%2B14:00", "created_from", "RFC 3339")]
    [InlineData("created_to=1705314600", "created_to", "RFC 3339")]
    [InlineData("created_from=2024-01-02T00:00:00Z&created_to=2024-01-01T00:00:00Z", "created_to", "created_from")]
    [InlineData("cursor=rubbish", "cursor", "next_cursor")]
    [InlineData("cursor=%00", "cursor", "next_cursor")]
    [InlineData("cursor=AAAAAAAAAAA", "cursor", "next_cursor")]
    [InlineData("cursor=__________9hYmM", "cursor", "next_cursor")]
    public async Task A_bad_parameter_is_422_and_names_the_fault_and_what_is_allowed(string query, string parameter, string allowed)
    {
        var problem = await _query.GetProblemAsync($"/v1/transactions?{query}", 422);

        Assert.Equal("validation_failed", problem.GetProperty("error").GetString());
        var error = Assert.Single(problem.GetProperty("errors").EnumerateObject());
        Assert.Equal(parameter, error.Name);
        var message = Assert.Single(error.Value.EnumerateArray()).GetString()!;
        Assert.StartsWith(parameter, message, StringComparison.Ordinal);
        Assert.Contains(allowed, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_bad_parameter_is_named_at_once()
    {
        var problem = await _query.GetProblemAsync("/v1/transactions?status=x&limit=x&cursor=x&account=%20&created_from=x&created_to=x", 422);

        Assert.Equal(
            ["account", "created_from", "created_to", "cursor", "limit", "status"],
            problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Without_a_limit_a_page_has_fifty()
    {
        for (var i = 0; i < 51; i++) await Rows.AddAsync(databases.ConnectionString, $"fifty_{i}", createdAt: "1956-01-01T00:00:00Z");

        var page = await _query.GetJsonAsync($"/v1/transactions?{Year(1956)}");

        Assert.Equal(50, page.GetProperty("data").GetArrayLength());
        Assert.Equal(JsonValueKind.String, page.GetProperty("next_cursor").ValueKind);
    }

    private static string Year(int year) =>
        string.Create(CultureInfo.InvariantCulture, $"created_from={year:0000}-01-01T00:00:00Z&created_to={year + 1:0000}-01-01T00:00:00Z");

    private static string[] Ids(JsonElement page) =>
        [.. page.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("transaction_id").GetString()!)];

    private async Task<List<string>> AllPages(string query)
    {
        var seen = new List<string>();
        for (var cursor = ""; ;)
        {
            var page = await _query.GetJsonAsync($"/v1/transactions?{query}&cursor={cursor}");
            seen.AddRange(Ids(page));
            if (page.GetProperty("next_cursor").GetString() is not { } next) return seen;
            Assert.True(seen.Count < 1000, "The pages do not end.");
            cursor = next;
        }
    }
}
