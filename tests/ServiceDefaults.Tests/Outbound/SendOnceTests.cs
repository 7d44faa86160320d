using System.Net;
using System.Net.Sockets;
using System.Text;
using ServiceDefaults.Outbound;
using Support;

namespace ServiceDefaults.Tests.Outbound;

public class SendOnceTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact(Timeout = 30_000)]
    public async Task An_answer_is_its_status_its_first_KiB_and_what_it_asks_for()
    {
        await using var receiver = RawServer.Answering(
            "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 300\r\nwebhook-delivery: disable\r\nContent-Length: 3000\r\n\r\n"
            + "line\r\n\ttab\0nul\u001b[31m" + new string('x', 3000));
        using var sender = new Sender();

        var result = await sender.PostAsync(UrlOf(receiver));

        Assert.Equal((429, null, false), (result.Status, result.Failure, result.IsDelivered));
        Assert.Equal((TimeSpan.FromSeconds(300), "disable"), (result.RetryAfter, result.WebhookDelivery));
        Assert.True(result.IsBodyCut);
        Assert.Equal("line\n\ttab\uFFFDnul\uFFFD[31m" + new string('x', 1024 - 19), result.Body);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("Fri, 16 Jan 2026 10:30:00 GMT", 86_400)]
    [InlineData("Wed, 14 Jan 2026 10:30:00 GMT", null)]
    [InlineData("soon", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("-1", null)]
    public async Task Retry_After_is_a_time_from_now_on(string header, int? seconds)
    {
        using var http = new HttpClient(new Answering(() => new("OK"u8.ToArray()), header));

        var result = await PostAsync(http, new FakeClock());

        Assert.Equal((503, seconds), (result.Status, (int?)result.RetryAfter?.TotalSeconds));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(1023, "€", true, 1023)]
    [InlineData(1022, "€", true, 1022)]
    [InlineData(1021, "€", false, 1022)]
    [InlineData(1024, "", false, 1024)]
    [InlineData(0, "", false, 0)]
    public async Task A_character_at_the_cut_is_kept_whole_or_left_out(int before, string last, bool isCut, int kept)
    {
        using var http = new HttpClient(new Answering(() => new(Encoding.UTF8.GetBytes(new string('a', before) + last))));

        var result = await PostAsync(http, new FakeClock());

        Assert.Equal((isCut, kept), (result.IsBodyCut, result.Body?.Length));
        Assert.DoesNotContain('\uFFFD', result.Body!);
    }

    [Fact(Timeout = 30_000)]
    public async Task The_next_webhook_uses_the_connection_of_an_answer_that_was_read_whole()
    {
        await using var receiver = RawServer.Serving(async (stream, cancellationToken) =>
        {
            while (await RawServer.ReadRequestAsync(stream, cancellationToken) != "")
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"u8.ToArray(), cancellationToken);
        });
        using var sender = new Sender();

        for (var i = 0; i < 3; i++) Assert.True((await sender.PostAsync(UrlOf(receiver))).IsDelivered);

        Assert.Equal(1, await receiver.CountConnectionsAsync());
    }

    [Theory(Timeout = 30_000)]
    [InlineData("Content-Length: 1073741824\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n")]
    [InlineData("")]
    public async Task Of_an_answer_of_1_GB_a_few_KiB_are_read_and_the_connection_is_ended(string length)
    {
        const long Gigabyte = 1 << 30;
        var sent = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = RawServer.Serving(async (stream, cancellationToken) =>
        {
            var chunk = Encoding.Latin1.GetBytes(new string('a', 65_536));
            var total = 0L;
            try
            {
                await RawServer.ReadRequestAsync(stream, cancellationToken);
                await stream.WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\n{length}\r\n"), cancellationToken);
                for (; total < Gigabyte; total += chunk.Length)
                {
                    if (length.Contains("chunked", StringComparison.Ordinal)) await stream.WriteAsync("10000\r\n"u8.ToArray(), cancellationToken);
                    await stream.WriteAsync(chunk, cancellationToken);
                    if (length.Contains("chunked", StringComparison.Ordinal)) await stream.WriteAsync("\r\n"u8.ToArray(), cancellationToken);
                }
            }
            finally
            {
                sent.SetResult(total);
            }
        });
        using var sender = new Sender();

        var result = await sender.PostAsync(UrlOf(receiver));

        Assert.Equal((200, true, 1024), (result.Status, result.IsBodyCut, result.Body?.Length));
        Assert.True(result.IsDelivered);
        Assert.InRange(sender.BytesRead, 1024, 16 * 1024);
        Assert.InRange(await sent.Task.WaitAsync(Cancelled), 0, 16 << 20); // What the kernel took, until the connection was ended.
    }

    [Fact(Timeout = 30_000)]
    public async Task No_answer_ends_at_the_limit_and_so_does_its_connection()
    {
        var (asked, closed) = (NewSignal(), NewSignal());
        await using var receiver = RawServer.Serving(async (stream, cancellationToken) =>
        {
            await ReadAllAsync(stream, asked, cancellationToken);
            closed.SetResult();
        });
        using var sender = new Sender();

        var sending = sender.PostAsync(UrlOf(receiver));
        await asked.Task.WaitAsync(Cancelled);
        sender.Clock.Advance(Sender.Limit - TimeSpan.FromTicks(1));
        Assert.False(sending.IsCompleted);
        sender.Clock.Advance(TimeSpan.FromTicks(1));

        var result = await sending;
        Assert.Equal(new(SendFailureKind.NoAnswer, "no answer within 15 s"), result.Failure);
        Assert.Equal((null, null, Sender.Limit), (result.Status, result.Body, result.Duration));
        await closed.Task.WaitAsync(Cancelled);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_body_of_one_byte_a_second_ends_at_the_limit()
    {
        var clock = new FakeClock();
        using var http = new HttpClient(new Answering(() => new DrippingStream(clock)));

        var sending = PostAsync(http, clock);
        for (var second = 0; second < 15; second++)
        {
            await clock.WaitForTimersAsync(2, Cancelled); // The webhook's and the next byte's.
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        var result = await sending;
        Assert.Equal(new(SendFailureKind.BodyWithoutEnd, "answered 200, but the body did not end within 15 s"), result.Failure);
        Assert.Equal((200, false), (result.Status, result.IsDelivered));
        Assert.StartsWith("aaaaaaaaaaaaaa", result.Body, StringComparison.Ordinal);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("", SendFailureKind.ConnectionClosed, "the connection was closed before an answer came")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le", SendFailureKind.ConnectionClosed, "the connection was closed before an answer came")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nOK", SendFailureKind.ConnectionClosed,
        "answered 200, but the connection was closed before the body ended")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", SendFailureKind.InvalidAnswer, "the answer is not HTTP/1.1")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n\r\n", SendFailureKind.InvalidAnswer, "the answer is not HTTP/1.1")]
    public async Task A_broken_answer_is_said_in_words(string answer, SendFailureKind kind, string words)
    {
        await using var receiver = RawServer.Answering(answer);
        using var sender = new Sender();

        Assert.Equal(new(kind, words), (await sender.PostAsync(UrlOf(receiver))).Failure);
    }

    [Fact(Timeout = 30_000)]
    public async Task Headers_without_end_are_not_read()
    {
        await using var receiver = RawServer.Answering($"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Repeat("X-A: aaaaaaaa\r\n", 5_000))}\r\n");
        using var sender = new Sender();

        var result = await sender.PostAsync(UrlOf(receiver));

        Assert.Equal(new(SendFailureKind.InvalidAnswer, "the answer's headers are larger than 16 KiB"), result.Failure);
        Assert.InRange(sender.BytesRead, 0, 48 * 1024);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_refused_connection_is_said_in_words()
    {
        using var sender = new Sender(_ => [IPAddress.Parse("127.0.0.3")]);
        await using var taken = RawServer.Answering(""); // Its port, on another address.

        Assert.Equal(new(SendFailureKind.NotConnected, "the connection was refused: nothing listens at that port"),
            (await sender.PostAsync(UrlOf(taken))).Failure);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(SocketError.HostNotFound, "the name is not known to DNS")]
    [InlineData(SocketError.NoData, "the name is not known to DNS")]
    [InlineData(SocketError.TryAgain, "the name could not be resolved: DNS did not answer")]
    public async Task A_name_without_an_address_is_said_in_words(SocketError error, string words)
    {
        using var sender = new Sender(_ => throw new SocketException((int)error));

        Assert.Equal(new(SendFailureKind.NameNotResolved, words), (await sender.PostAsync("https://hooks.example/")).Failure);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("a\r\nX-Admin: 1"), InlineData("a\nX-Admin: 1"), InlineData("a\r\n\r\nGET /admin HTTP/1.1"), InlineData("a\0b"), InlineData("a\u001bb")]
    public async Task A_header_with_a_line_break_is_not_sent(string value)
    {
        await using var receiver = RawServer.Answering("HTTP/1.1 204 No Content\r\n\r\n");
        using var sender = new Sender();

        var onRequest = await sender.PostAsync(UrlOf(receiver), Cancelled, request => request.Headers.TryAddWithoutValidation("X-Custom", value));
        var onContent = await sender.PostAsync(UrlOf(receiver), Cancelled, request => request.Content!.Headers.TryAddWithoutValidation("X-Custom", value));

        Assert.Equal(new(SendFailureKind.InvalidRequest, "not sent: its header X-Custom has a line break or another control character"), onRequest.Failure);
        Assert.Equal(onRequest.Failure, onContent.Failure);
        Assert.Equal(0, await receiver.CountConnectionsAsync());
    }

    [Fact(Timeout = 30_000)]
    public async Task A_line_break_in_the_URL_is_sent_escaped()
    {
        var line = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = RawServer.Serving(async (stream, cancellationToken) =>
            line.SetResult((await RawServer.ReadRequestAsync(stream, cancellationToken)).Split("\r\n")[0]));
        using var sender = new Sender();

        await sender.PostAsync(UrlOf(receiver) + "a\r\nX-Admin: 1");

        Assert.Equal("POST /a%0D%0AX-Admin:%201 HTTP/1.1", await line.Task);
    }

    [Fact(Timeout = 30_000)]
    public async Task Who_breaks_it_off_gets_no_result()
    {
        var asked = NewSignal();
        await using var receiver = RawServer.Serving((stream, cancellationToken) => ReadAllAsync(stream, asked, cancellationToken));
        using var sender = new Sender();
        using var stop = new CancellationTokenSource();

        var sending = sender.PostAsync(UrlOf(receiver), stop.Token);
        await asked.Task.WaitAsync(Cancelled);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    private static string UrlOf(RawServer server) => $"http://hooks.example:{server.Port}/";

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task<SendResult> PostAsync(HttpClient http, TimeProvider clock)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://hooks.example/");
        return await SendOnce.RunAsync(http, request, Sender.Limit, clock, Cancelled);
    }

    private static async Task ReadAllAsync(NetworkStream stream, TaskCompletionSource asked, CancellationToken cancellationToken)
    {
        await RawServer.ReadRequestAsync(stream, cancellationToken);
        asked.SetResult();
        while (await stream.ReadAsync(new byte[4096], cancellationToken) > 0)
        {
        }
    }

    private sealed class Answering(Func<MemoryStream> body, string? retryAfter = null) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var status = retryAfter is null ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable;
            var response = new HttpResponseMessage(status) { Content = new StreamContent(body()) };
            if (retryAfter is not null) response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
            return Task.FromResult(response);
        }
    }

    private sealed class DrippingStream(TimeProvider clock) : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            buffer.Span[0] = (byte)'a';
            return 1;
        }
    }
}
