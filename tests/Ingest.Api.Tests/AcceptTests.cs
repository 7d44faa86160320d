using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Contracts;

namespace Ingest.Api.Tests;

/// <summary>The way of a good webhook: its answer, its row, its record.</summary>
[Trait("Kafka", "yes")]
public sealed class AcceptTests(Servers servers, SharedService service) : IClassFixture<SharedService>
{
    private readonly IngestService _ingest = service.Ingest;

    [Fact]
    public async Task A_202_has_the_body_of_the_contract_and_the_row_is_there()
    {
        (await _ingest.PostAsync(IngestService.Body("txn_accept_1"))).IsAccepted("txn_accept_1");

        Assert.Equal(
            "acc_user_789|acc_merchant_456|1500.0000|INR|PROCESSING|-|0|-|-",
            await _ingest.Database.ReadAsync<string>(
                """
                SELECT concat_ws('|', source_account, destination_account, amount, currency, status,
                    coalesce(processed_at::text, '-'), attempts, coalesce(failure_reason, '-'), coalesce(traceparent, '-'))
                FROM transactions WHERE transaction_id = 'txn_accept_1'
                """));
    }

    /// <summary>The path as documented leaves the pipeline before routing; one with a capital letter, which routing takes for the same, does not.</summary>
    [Theory]
    [InlineData("1500"), InlineData("0"), InlineData("1e"), InlineData("\"\\ud800\"")]
    public async Task Both_ways_through_the_pipeline_answer_alike(string amount)
    {
        var body = IngestService.Body("txn_ways", amount);
        await _ingest.PostAsync(body);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        var first = await _ingest.PostAsync(body);
        var routed = await _ingest.SendAsync(HttpMethod.Post, "/v1/webhooks/Transactions", content);

        Assert.Equal(ShapeOf(routed), ShapeOf(first));
    }

    private static string ShapeOf(Answer answer) => $"{answer.Status} {answer.Headers["Content-Type"]} "
        + $"{string.Join(',', answer.Headers.Keys.Order(StringComparer.Ordinal))} {Regex.Replace(answer.Body, "\"trace_id\":\"[^\"]+\"", "")}";

    [Theory]
    [InlineData("0.01", "USD", "0.0100")]
    [InlineData("\"150.50\"", "usd", "150.5000")]
    [InlineData("999999999999999.9999", "CLF", "999999999999999.9999")]
    [InlineData("\"999999999999999.99\"", "USD", "999999999999999.9900")]
    [InlineData("1.005e2", "KWD", "100.5000")]
    [InlineData("9007199254740993", "JPY", null)]
    [InlineData("900719925474099.3", "KWD", "900719925474099.3000")]
    public async Task An_amount_is_stored_exactly(string amount, string currency, string? stored)
    {
        var id = $"txn_amount_{currency}_{amount.Length}";
        var answer = await _ingest.PostAsync(IngestService.Body(id, amount, currency));

        if (stored is null)
        {
            answer.IsProblem(422, "validation_failed");
            return;
        }

        answer.IsAccepted(id);
        Assert.Equal(stored, await _ingest.Database.ReadAsync<string>($"SELECT amount::text FROM transactions WHERE transaction_id = '{id}'"));
        Assert.Equal(currency.ToUpperInvariant(), await _ingest.Database.ReadAsync<string>($"SELECT currency FROM transactions WHERE transaction_id = '{id}'"));
    }

    [Fact]
    public async Task The_record_is_keyed_by_the_id_and_says_what_the_row_says()
    {
        (await _ingest.PostAsync(IngestService.Body("txn_record_1", "\"150.50\"", "usd"))).IsAccepted("txn_record_1");

        var record = Assert.Single(await Records.ReadAsync(servers.Broker, "txn_record_1"));

        Assert.Equal("transaction.accepted", record.Header(MessageHeaders.EventType));
        var createdAt = await _ingest.Database.ReadAsync<DateTime>("SELECT created_at FROM transactions WHERE transaction_id = 'txn_record_1'");
        Assert.Equal(
            new TransactionMessage("txn_record_1", "acc_user_789", "acc_merchant_456", 150.5m, "USD", createdAt),
            JsonSerializer.Deserialize(record.Value, MessageJson.Default.TransactionMessage));
        Assert.Contains("\"amount\":\"150.5\"", Encoding.UTF8.GetString(record.Value), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_senders_trace_goes_on_in_the_row_and_in_the_record()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        (await _ingest.PostAsync(IngestService.Body("txn_trace_1"), ("traceparent", $"00-{Trace}-00f067aa0ba902b7-01"))).IsAccepted("txn_trace_1");

        var record = Assert.Single(await Records.ReadAsync(servers.Broker, "txn_trace_1"));
        var row = await _ingest.Database.ReadAsync<string>("SELECT traceparent FROM transactions WHERE transaction_id = 'txn_trace_1'");

        Assert.StartsWith($"00-{Trace}-", record.Header(MessageHeaders.TraceParent), StringComparison.Ordinal);
        Assert.Matches($"^00-{Trace}-(?!00f067aa0ba902b7)[0-9a-f]{{16}}-01$", row);
    }

    [Fact]
    public async Task The_relay_is_due_30_seconds_after_the_transaction_is()
    {
        await using var slow = await IngestService.StartAsync(servers, ("Processing:Delay", "00:02:03"));
        (await slow.PostAsync(IngestService.Body("txn_due"))).IsAccepted("txn_due");

        Assert.Equal(
            TimeSpan.FromSeconds(123 + 30),
            await slow.Database.ReadAsync<TimeSpan>("SELECT next_publish_at - created_at FROM transactions"));
    }

    [Fact]
    public async Task Unknown_members_are_ignored()
    {
        var body = IngestService.Body("txn_unknown")[..^1] + ""","metadata":{"nested":[1,2,{"amount":"x"}]},"note":"\u0000"}""";

        (await _ingest.PostAsync(body)).IsAccepted("txn_unknown");
    }

    [Theory]
    [InlineData("application/json; charset=utf-8"), InlineData("application/json;charset=UTF-8")]
    [InlineData("Application/JSON"), InlineData("application/json; charset=\"utf-8\""), InlineData("application/json; v=1")]
    public async Task A_content_type_is_read_as_HTTP_defines_it(string type)
    {
        var body = IngestService.Body($"txn_type_{type.Length}");
        var answer = await RawHttp.PostAsync(_ingest, $"Content-Type: {type}\r\nContent-Length: {body.Length}", body);

        answer.IsAccepted($"txn_type_{type.Length}");
    }

    [Fact]
    public async Task A_request_id_comes_back_and_there_is_one_in_any_case()
    {
        Assert.Equal("my-request/1", (await _ingest.PostAsync(IngestService.Body("txn_rid"), ("X-Request-ID", "my-request/1"))).Headers["X-Request-ID"]);
        Assert.Matches("^[0-9a-f]{32}$", (await _ingest.PostAsync(IngestService.Body("txn_rid"))).Headers["X-Request-ID"]);
    }
}
