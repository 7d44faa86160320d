using System.Net.Http.Headers;
using System.Text;

namespace Ingest.Api.Tests;

/// <summary>Malformed input of any kind is the caller's fault, is said to be, and is never a 5xx.</summary>
public sealed class BadInputTests(SharedService service) : IClassFixture<SharedService>
{
    private static readonly string Good = IngestService.Body("txn_never");

    private readonly IngestService _ingest = service.Ingest;

    [Theory]
    [InlineData(""), InlineData("{"), InlineData("[]"), InlineData("null"), InlineData("7")]
    [InlineData("{}{}"), InlineData("\ufeff{}"), InlineData("{\"\\ud800\\ud800\\ud800\":1}")]
    public async Task A_body_that_is_no_JSON_object_is_400(string body) => (await _ingest.PostAsync(body)).IsProblem(400, "invalid_json");

    [Fact]
    public async Task A_body_nested_16000_deep_is_400() => (await _ingest.PostAsync(new string('[', 16_000))).IsProblem(400, "invalid_json");

    [Theory]
    [InlineData("\"transaction_id\":\"txn_never\"", "\"transaction_id\":\"a\\u0000\"", "transaction_id")]
    [InlineData("\"transaction_id\":\"txn_never\"", "\"transaction_id\":\"\\ud800\"", "transaction_id")]
    [InlineData("\"transaction_id\":\"txn_never\"", "\"transaction_id\":null", "transaction_id")]
    [InlineData("\"transaction_id\":\"txn_never\",", "", "transaction_id")]
    [InlineData("1500", "1e999999999", "amount")]
    [InlineData("1500", "1e-999999999", "amount")]
    [InlineData("1500", "-1", "amount")]
    [InlineData("1500", "1500.001", "amount")]
    [InlineData("1500", "true", "amount")]
    [InlineData("\"INR\"", "\"INR\\u0000\"", "currency")]
    [InlineData("\"INR\"", "\"XXX\"", "currency")]
    [InlineData("\"INR\"", "{\"code\":\"INR\"}", "currency")]
    public async Task A_member_that_is_not_allowed_is_422_and_named(string part, string instead, string member)
    {
        var problem = (await _ingest.PostAsync(Good.Replace(part, instead, StringComparison.Ordinal))).IsProblem(422, "validation_failed");

        Assert.Equal([member], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.NotEmpty(problem.GetProperty("errors").GetProperty(member)[0].GetString()!);
    }

    [Fact]
    public async Task An_overlong_id_is_422() =>
        (await _ingest.PostAsync(IngestService.Body(new string('x', 15_000)))).IsProblem(422, "validation_failed");

    [Fact]
    public async Task Up_to_16_KiB_a_body_is_read_and_beyond_it_is_413()
    {
        var spaces = new string(' ', 16 * 1024 - Good.Length + 2);
        (await _ingest.PostAsync(Good.Replace("txn_never", "txn_16k", StringComparison.Ordinal) + spaces)).IsAccepted("txn_16k");
        (await _ingest.PostAsync(Good + new string(' ', 16 * 1024 - Good.Length + 1))).IsProblem(413, "payload_too_large");
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task A_body_of_10_MB_is_413_however_it_is_sent(bool isChunked)
    {
        var body = new string('x', 10_000_000);
        var answer = isChunked
            ? await RawHttp.PostAsync(_ingest, "Content-Type: application/json\r\nTransfer-Encoding: chunked", $"{body.Length:x}\r\n{body}\r\n0\r\n\r\n")
            : await RawHttp.PostAsync(_ingest, $"Content-Type: application/json\r\nContent-Length: {body.Length}", body);

        answer.IsProblem(413, "payload_too_large");
    }

    [Fact]
    public async Task A_chunked_body_is_read_as_any_other()
    {
        var body = Encoding.UTF8.GetBytes(IngestService.Body("txn_chunked"));
        using var content = new StreamContent(new MemoryStream(body)) { Headers = { ContentType = new("application/json") } };
        content.Headers.ContentLength = null;
        (await _ingest.SendAsync(HttpMethod.Post, IngestService.Webhooks, content, ("Transfer-Encoding", "chunked"))).IsAccepted("txn_chunked");

        (await RawHttp.PostAsync(_ingest, "Content-Type: application/json\r\nTransfer-Encoding: chunked", $"5000\r\n{Good.PadRight(0x5000)}\r\n0\r\n\r\n"))
            .IsProblem(413, "payload_too_large");
    }

    // Kestrel waits 5 s for the rest before it calls the sender too slow.
    [Fact]
    public async Task A_Content_Length_beyond_the_body_is_408() =>
        (await RawHttp.PostAsync(_ingest, $"Content-Type: application/json\r\nContent-Length: {Good.Length + 10}", Good)).IsProblem(408, "request_timeout");

    [Fact]
    public async Task A_Content_Length_short_of_the_body_is_400() =>
        (await RawHttp.PostAsync(_ingest, $"Content-Type: application/json\r\nContent-Length: {Good.Length - 10}", Good)).IsProblem(400, "invalid_json");

    [Theory]
    [InlineData("Content-Length: -1"), InlineData("Content-Length: many")]
    [InlineData("Content-Length: 99999999999999999999"), InlineData("Content-Length: 10\r\nContent-Length: 11")]
    [InlineData("Transfer-Encoding: gzip"), InlineData("Transfer-Encoding: chunked"), InlineData("Content-Length: 0")]
    public async Task Framing_that_makes_no_sense_is_a_4xx(string framing)
    {
        var answer = await RawHttp.PostAsync(_ingest, $"Content-Type: application/json\r\n{framing}", Good);

        Assert.InRange(answer.Status, 400, 499);
    }

    [Theory]
    [InlineData(null), InlineData(""), InlineData("text/plain"), InlineData("application/jsonp")]
    [InlineData("application/xml"), InlineData("json"), InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=iso-8859-1"), InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x"), InlineData("application/problem+json")]
    [InlineData("application/json, text/plain"), InlineData("\"")]
    public async Task A_body_of_another_type_is_415(string? type)
    {
        var header = type is null ? "" : $"Content-Type: {type}\r\n";
        (await RawHttp.PostAsync(_ingest, $"{header}Content-Length: {Good.Length}", Good)).IsProblem(415, "unsupported_media_type");
    }

    [Theory]
    [InlineData("/nothing"), InlineData("/v1/webhooks"), InlineData("/v1/webhooks/transactions/x")]
    [InlineData("/v1/webhooks/%74ransactions%2f"), InlineData("/%ff%fe"), InlineData("/%zz"), InlineData("/%")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd"), InlineData("//v1//webhooks//transactions"), InlineData("/v1/webhooks/transactions%00x/..%5c")]
    [InlineData("/%f0%9f%98%80"), InlineData("/'%22<script>"), InlineData("/openapi/other.json")]
    public async Task An_unknown_path_is_404_whatever_it_is_made_of(string path)
    {
        var answer = await RawHttp.SendAsync(_ingest, $"GET {path} HTTP/1.1\r\nHost: ingest\r\nConnection: close\r\n\r\n");

        // Kestrel itself refuses a path with a NUL, before anybody can give that answer a body.
        if (path.Contains("%00", StringComparison.Ordinal)) Assert.Equal((400, ""), (answer.Status, answer.Body));
        else answer.IsProblem(404, "not_found");
    }

    [Theory]
    [InlineData("GET"), InlineData("PUT"), InlineData("PATCH"), InlineData("DELETE"), InlineData("OPTIONS"), InlineData("BREW")]
    public async Task Another_method_is_405_and_told_which_there_is(string method)
    {
        var answer = await _ingest.SendAsync(new HttpMethod(method), IngestService.Webhooks);

        answer.IsProblem(405, "method_not_allowed");
        Assert.Equal("POST", answer.Headers["Allow"]);
    }

    [Fact]
    public async Task HEAD_is_405_without_a_body()
    {
        var answer = await _ingest.SendAsync(HttpMethod.Head, IngestService.Webhooks);

        Assert.Equal((405, "POST", ""), (answer.Status, answer.Headers["Allow"], answer.Body));
    }

    [Fact]
    public async Task Query_strings_and_odd_headers_are_no_concern_of_the_intake()
    {
        using var content = new StringContent(IngestService.Body("txn_query"), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        var answer = await _ingest.SendAsync(
            HttpMethod.Post, $"{IngestService.Webhooks}?a=%00&b=%ff&transaction_id=other", content,
            ("traceparent", "rubbish"), ("X-Request-ID", new string('x', 1_000)), ("Accept", "text/html"));

        answer.IsAccepted("txn_query");
        var stored = await _ingest.Database.ReadAsync<string>("SELECT coalesce(traceparent, '') FROM transactions WHERE transaction_id = 'txn_query'");
        Assert.DoesNotContain("rubbish", stored, StringComparison.Ordinal);
    }
}
