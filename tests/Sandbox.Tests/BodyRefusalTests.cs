using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;

namespace Sandbox.Tests;

/// <summary>A body in another encoding than JSON in UTF-8 is refused instead of being misread.</summary>
public sealed class BodyRefusalTests
{
    private const string Transfer = """{"transaction_id":5,"type":"deposit","amount":"250.00","currency":"USD"}""", Behaviour = """{"behaviour":"down"}""";

    [Theory, InlineData("POST", "/transfers", Transfer), InlineData("PUT", "/behaviour", Behaviour)]
    public async Task A_body_in_another_charset_is_415(string method, string path, string json)
    {
        await using var bank = await BankService.StartAsync("normal");

        Assert.Equal(415, await SendAsync(bank, method, path, Encoding.Unicode.GetBytes(json), "application/json; charset=utf-16"));
        Assert.Equal(415, await SendAsync(bank, method, path, Encoding.UTF8.GetBytes(json), "application/json; charset=utf-16"));
        Assert.NotEqual(415, await SendAsync(bank, method, path, Encoding.UTF8.GetBytes(json), "application/json; charset=\"UTF-8\""));
    }

    [Theory, InlineData("POST", "/transfers", Transfer), InlineData("PUT", "/behaviour", Behaviour)]
    public async Task A_compressed_body_is_415(string method, string path, string json)
    {
        await using var bank = await BankService.StartAsync("normal");
        using var zipped = new MemoryStream();
        await using (var zip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            await zip.WriteAsync(Encoding.UTF8.GetBytes(json), TestContext.Current.CancellationToken);

        Assert.Equal(415, await SendAsync(bank, method, path, zipped.ToArray(), "application/json", "gzip"));
        Assert.Equal(415, await SendAsync(bank, method, path, Encoding.UTF8.GetBytes(json), "application/json", "br"));
        Assert.NotEqual(415, await SendAsync(bank, method, path, Encoding.UTF8.GetBytes(json), "application/json", "identity"));
    }

    private static async Task<int> SendAsync(BankService bank, string method, string path, byte[] body, string type, string? encoding = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } },
            Headers = { { "Idempotency-Key", "payment:5" } },
        };
        if (encoding is not null) request.Content.Headers.ContentEncoding.Add(encoding);
        using var response = await bank.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
