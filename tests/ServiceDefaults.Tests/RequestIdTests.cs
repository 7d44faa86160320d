using Microsoft.AspNetCore.Builder;

namespace ServiceDefaults.Tests;

public sealed class RequestIdTests : IAsyncLifetime
{
    private const string Header = "X-Request-ID";
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    private TestService _service = null!;

    public async ValueTask InitializeAsync() => _service = await TestService.StartAsync(app =>
    {
        app.MapGet("/ok", () => "ok");
        app.MapGet("/fault", string () => throw new InvalidOperationException("fault"));
    });

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    public static TheoryData<string> Visible() => new("a", "req-42", "!~", new string('x', 128));

    public static TheoryData<string> NotAnId() => new("", new string('x', 129), "two words", "tab\there", "caf\u00e9", "bell\u0007");

    [Theory, MemberData(nameof(Visible))]
    public async Task The_callers_own_id_comes_back(string id) => Assert.Equal(id, await AnsweredAsync("/ok", $"{Header}: {id}"));

    [Theory, MemberData(nameof(NotAnId))]
    public async Task An_id_that_is_not_1_to_128_visible_ASCII_characters_is_replaced_by_the_trace_id(string id) =>
        Assert.Equal(TraceId, await AnsweredAsync("/ok", $"{Header}: {id}"));

    [Fact]
    public async Task Without_an_id_it_is_the_trace_id() => Assert.Equal(TraceId, await AnsweredAsync("/ok"));

    [Fact]
    public async Task Two_ids_are_none() => Assert.Equal(TraceId, await AnsweredAsync("/ok", $"{Header}: one", $"{Header}: two"));

    [Theory, InlineData("/nothing-here"), InlineData("/fault"), InlineData("/health"), InlineData("/openapi/shop.json")]
    public async Task Every_response_carries_it_errors_too(string path) => Assert.Equal("mine", await AnsweredAsync(path, $"{Header}: mine"));

    [Fact]
    public async Task Without_a_trace_from_outside_it_is_32_hex_digits()
    {
        using var response = await _service.Http.GetAsync(new Uri("/ok", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Matches("^[0-9a-f]{32}$", response.Headers.GetValues(Header).Single());
    }

    // Sent byte for byte: HttpClient would refuse or join what is tried here. Kestrel itself answers 400 to a control character, before any of ours.
    private async Task<string> AnsweredAsync(string path, params string[] headers)
    {
        var lines = headers.Append($"traceparent: 00-{TraceId}-b7ad6b7169203331-01").Append("Connection: close").Append("Host: localhost");
        var answer = await _service.SendRawAsync($"GET {path} HTTP/1.1\r\n{string.Join("\r\n", lines)}\r\n\r\n");
        if (answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal)) return TraceId;
        return answer.Split("\r\n").Single(line => line.StartsWith(Header, StringComparison.OrdinalIgnoreCase))[(Header.Length + 2)..];
    }
}
