using System.Diagnostics;
using System.Text.Json;
using Portal.Web.Webhooks;

namespace Portal.Web.Tests.Webhooks;

public sealed class CurlLineTests
{
    private const string Body =
        """
        {"a":"it's $(exit 1) `id` \"q\" \\ $HOME !! %s \u0000",
          "b":["'\\''", 1.00 ],"c":"ü€"}
        """;

    /// <summary>A shell of its own reads the line, with a curl that prints what it was given.</summary>
    [Fact]
    public async Task A_shell_reads_the_line_as_the_very_body_and_URL_and_runs_nothing_of_them()
    {
        const string Url = "https://shop.example/hook?a=1&b='$(id)'&c[]={x,y}";

        var words = await WordsOfAsync(CurlLine.Of(DeliveryOf(Url, Body)));

        Assert.Equal(["-i", "--globoff", Url, "-H", "Content-Type: application/json", "-H", "webhook-id: evt_1", "--data-raw", Body], words);
    }

    [Theory]
    [InlineData("")]
    [InlineData("'")]
    [InlineData("''''")]
    [InlineData("-n\n'\"$(exit 1)\\")]
    [InlineData("@/etc/passwd")]
    public async Task A_quoted_text_is_one_word(string text) => Assert.Equal([text], await WordsOfAsync($"curl {CurlLine.Quote(text)}"));

    private static DeliveryDetail DeliveryOf(string url, string json)
    {
        using var document = JsonDocument.Parse(json);
        return new("id", "evt_1", "charge.succeeded", "endpoint", url, "failed", 1, null, document.RootElement.Clone(), default, null, null, []);
    }

    private static async Task<string[]> WordsOfAsync(string line)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        using var shell = Process.Start(start)!;
        await shell.StandardInput.WriteAsync($"curl() {{ for word; do printf '%s\\0' \"$word\"; done; }}\n{line}\n");
        shell.StandardInput.Close();
        var printed = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, shell.ExitCode);
        return printed.Split('\0')[..^1];
    }
}
