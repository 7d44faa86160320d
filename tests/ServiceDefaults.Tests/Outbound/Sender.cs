using System.Net;
using ServiceDefaults.Outbound;
using Support;

namespace ServiceDefaults.Tests.Outbound;

/// <summary>A guarded client that may reach this machine, whose names are what the test says, and which counts what it reads.</summary>
internal sealed class Sender : IDisposable
{
    private readonly HttpClient _http;
    private int _bytesRead;

    /// <param name="addresses">What every name resolves to; 127.0.0.1 unless said.</param>
    /// <param name="options">What is allowed; loopback unless said.</param>
    public Sender(Func<string, IPAddress[]>? addresses = null, OutboundOptions? options = null)
    {
        Handler = GuardedConnection.NewHandler(
            options ?? new() { AllowLoopback = true }, (host, _) => Task.FromResult((addresses ?? (_ => [IPAddress.Loopback]))(host)), Clock);
        Handler.PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(new CountedStream(context.PlaintextStream, this));
        _http = GuardedConnection.NewClient(Handler);
    }

    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(15);

    public FakeClock Clock { get; } = new();

    public SocketsHttpHandler Handler { get; }

    /// <summary>What was read of all connections, after TLS.</summary>
    public int BytesRead => _bytesRead;

    public Task<SendResult> PostAsync(string url) => PostAsync(url, TestContext.Current.CancellationToken);

    public async Task<SendResult> PostAsync(string url, CancellationToken cancellationToken, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent("""{"id":"evt_1"}""") };
        change?.Invoke(request);
        return await SendOnce.RunAsync(_http, request, Limit, Clock, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private sealed class CountedStream(Stream inner, Sender sender) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Interlocked.Add(ref sender._bytesRead, read);
            return read;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
