using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Query.Api.Tests;

public sealed class GetTransactionTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;

    [Fact]
    public async Task A_transaction_is_an_array_of_one_as_the_contract_shows_it()
    {
        await Rows.AddAsync(databases.ConnectionString, "txn_get_1");

        using var response = await _query.GetAsync("/v1/transactions/txn_get_1");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """
            [{"transaction_id":"txn_get_1","source_account":"acc_user_789","destination_account":"acc_merchant_456","amount":"150.50",
            "currency":"USD","status":"PROCESSED","created_at":"2024-01-15T10:30:00Z","processed_at":"2024-01-15T10:30:30Z"}]
            """.ReplaceLineEndings(""),
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Of_many_asked_for_at_once_each_gets_its_own_and_who_is_not_there_is_404()
    {
        foreach (var n in Enumerable.Range(0, 20)) await Rows.AddAsync(databases.ConnectionString, $"txn_many_{n}");

        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(async n =>
        {
            using var response = await _query.GetAsync($"/v1/transactions/txn_many_{n % 40}");
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return (n % 40, response.StatusCode, Named: body.Contains($"\"txn_many_{n % 40}\"", StringComparison.Ordinal));
        }));

        Assert.All(answers, answer => Assert.Equal(
            answer.Item1 < 20 ? (HttpStatusCode.OK, true) : (HttpStatusCode.NotFound, false), (answer.StatusCode, answer.Named)));
    }

    [Fact]
    public async Task While_PROCESSING_processed_at_is_null_and_the_reason_of_a_retry_is_not_shown()
    {
        await Rows.AddAsync(databases.ConnectionString, "txn_get_2", status: "PROCESSING", failureReason: "time-out, will be tried again");

        var transaction = Assert.Single((await _query.GetJsonAsync("/v1/transactions/txn_get_2")).EnumerateArray());

        Assert.Equal(JsonValueKind.Null, transaction.GetProperty("processed_at").ValueKind);
        Assert.False(transaction.TryGetProperty("failure_reason", out _));
    }

    [Fact]
    public async Task A_FAILED_transaction_says_why()
    {
        await Rows.AddAsync(databases.ConnectionString, "txn_get_3", status: "FAILED", failureReason: "The account is closed.");

        var transaction = Assert.Single((await _query.GetJsonAsync("/v1/transactions/txn_get_3")).EnumerateArray());

        Assert.Equal("The account is closed.", transaction.GetProperty("failure_reason").GetString());
    }

    [Theory]
    [InlineData("INR", "1500", "1500.00")]
    [InlineData("JPY", "1500", "1500")]
    [InlineData("KWD", "1.5", "1.500")]
    [InlineData("CLF", "1.5", "1.5000")]
    [InlineData("USD", "999999999999999.99", "999999999999999.99")]
    public async Task An_amount_has_its_currencys_own_decimals(string currency, string stored, string shown)
    {
        var id = $"txn_amount_{currency}";
        var amount = decimal.Parse(stored, System.Globalization.CultureInfo.InvariantCulture);
        await Rows.AddAsync(databases.ConnectionString, id, currency: currency, amount: amount);

        var transaction = Assert.Single((await _query.GetJsonAsync($"/v1/transactions/{id}")).EnumerateArray());

        Assert.Equal(shown, transaction.GetProperty("amount").GetString());
    }

    [Fact]
    public async Task Times_are_UTC_with_a_Z_to_the_microsecond()
    {
        await Rows.AddAsync(databases.ConnectionString, "txn_time", createdAt: "2024-01-15T12:30:00.123456+02:00");

        var transaction = Assert.Single((await _query.GetJsonAsync("/v1/transactions/txn_time")).EnumerateArray());

        Assert.Equal("2024-01-15T10:30:00.123456Z", transaction.GetProperty("created_at").GetString());
    }

    [Fact]
    public async Task An_id_with_every_character_an_id_may_have_is_found()
    {
        var id = "AZaz09._:~@-" + new string('x', 116);
        await Rows.AddAsync(databases.ConnectionString, id);

        var transaction = Assert.Single((await _query.GetJsonAsync($"/v1/transactions/{id}")).EnumerateArray());

        Assert.Equal(id, transaction.GetProperty("transaction_id").GetString());
    }

    [Fact]
    public async Task An_unknown_id_is_404()
    {
        var problem = await _query.GetProblemAsync("/v1/transactions/txn_nobody_sent", 404);

        Assert.Equal("not_found", problem.GetProperty("error").GetString());
        Assert.Contains("txn_nobody_sent", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    /// <summary>A plain path leaves the pipeline before routing; one with a capital letter, which routing takes for the same, does not.</summary>
    [Fact]
    public async Task Both_ways_through_the_pipeline_answer_alike()
    {
        await Rows.AddAsync(databases.ConnectionString, "txn_ways");
        foreach (var id in (string[])["txn_ways", "txn_ways_unknown", "%20"])
        {
            using var first = await _query.GetAsync($"/v1/transactions/{id}");
            using var routed = await _query.GetAsync($"/v1/Transactions/{id}");

            Assert.Equal(await ShapeOfAsync(routed), await ShapeOfAsync(first));
        }

        Assert.Equal(JsonValueKind.Array, (await _query.GetJsonAsync("/v1/transactions/?limit=1")).GetProperty("data").ValueKind);
    }

    private static async Task<string> ShapeOfAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var withoutTrace = Regex.Replace(body, "\"trace_id\":\"[^\"]+\"", "");
        var headers = response.Headers.Concat(response.Content.Headers).Select(header => header.Key).Order(StringComparer.Ordinal);
        return $"{response.StatusCode} {response.Content.Headers.ContentType} {string.Join(',', headers)} {withoutTrace}";
    }

    public static TheoryData<string> NotIds => new(
        "%ff", "%C3%A4", "%F0%9F%98%80", "%20", "a%2Fb", "%252e%252e", "%c0%af", "%2e%2e%2f", "a%0d%0ab", "';--", "a%", "%zz", "%u0041",
        new string('x', 129), new string('x', 7000));

    [Theory]
    [MemberData(nameof(NotIds))]
    public async Task What_cannot_be_an_id_is_404(string id) => await _query.GetProblemAsync($"/v1/transactions/{id}", 404);

    [Fact]
    public async Task A_NUL_in_the_path_is_the_callers_fault()
    {
        // Kestrel refuses the request line itself, before any code of ours: a bare 400.
        using var response = await _query.GetAsync("/v1/transactions/a%00b");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("/v1/transactions/txn_head", HttpStatusCode.OK)]
    [InlineData("/v1/transactions/txn_head_unknown", HttpStatusCode.NotFound)]
    [InlineData("/v1/transactions?limit=1", HttpStatusCode.OK)]
    public async Task HEAD_answers_as_GET_does_without_the_body(string path, HttpStatusCode status)
    {
        if (status == HttpStatusCode.OK && path.EndsWith("head", StringComparison.Ordinal)) await Rows.AddAsync(databases.ConnectionString, "txn_head");

        using var response = await _query.SendAsync(HttpMethod.Head, path);

        Assert.Equal(status, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }
}
