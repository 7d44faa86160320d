using System.Buffers;
using System.Globalization;
using System.Text;
using Contracts;

namespace Sandbox.Signing;

/// <summary>
/// <c>dotnet run --project Sandbox -- sign</c>: signs a payload as the bank or as a sender of webhooks does, and prints the curl line that sends it.
/// </summary>
internal static class SignCommand
{
    /// <summary>The environment variable that has the secret when no argument does.</summary>
    public const string SecretVariable = "WEBHOOK_SECRET";

    private const string Callback = "/webhooks/bank-callback", Webhook = "/v1/webhooks/transactions";
    private const int WrongUsage = 2;

    public const string Usage =
        """
        Signs the payload of a bank's callback and prints it with its signature, then a curl line that sends it.

          dotnet run --project Sandbox -- sign [--webhook] [--secret SECRET] [--url BASE] [PAYLOAD]

          --webhook        signs a transaction webhook instead (Standard Webhooks) and prints its headers
          --secret SECRET  what the receiver has as WEBHOOK_SECRET; default: that environment variable.
                           With --webhook one of its WebhookSignature__Secrets__n
          --url BASE       where the receiver is; default: http://localhost:8000
          PAYLOAD          a JSON object; without it, it is read from standard input

        For example:
          dotnet run --project Sandbox -- sign --secret development-webhook-secret-change-me \
            '{"transaction_id":123,"bank_reference":"BANK-REF-123456","status":"success","error_message":null}'
        """;

    /// <param name="arguments">The arguments after <c>sign</c>.</param>
    /// <param name="defaultSecret">The value of <see cref="SecretVariable"/>.</param>
    /// <param name="input">Read when the payload is not an argument.</param>
    /// <param name="output">Receives the signed payload, an empty line and the curl line.</param>
    /// <param name="errors">Receives what is wrong, and the usage.</param>
    /// <param name="clock">The time of a webhook's signature.</param>
    /// <returns>The exit code: 0, or 2 when the arguments or the payload are invalid.</returns>
    public static async Task<int> RunAsync(
        string[] arguments, string? defaultSecret, TextReader input, TextWriter output, TextWriter errors, TimeProvider clock)
    {
        if (arguments is ["--help" or "-h"])
        {
            await output.WriteLineAsync(Usage);
            return 0;
        }

        var (given, fault) = Read(arguments, defaultSecret);
        if (given is null) return await RefuseAsync(errors, fault!);
        var payload = given.Payload ?? await input.ReadToEndAsync();
        if (given.IsWebhook) return await SignWebhookAsync(given, payload, output, errors, clock.GetUtcNow());
        if (SignedPayload.Of(Encoding.UTF8.GetBytes(payload), given.Secret) is not { } signed)
            return await RefuseAsync(errors, $"The payload must be a JSON object, at most {BankSignature.MaxDepth} deep. It is: {payload}");

        var text = Encoding.ASCII.GetString(signed);
        await output.WriteLineAsync(text);
        await output.WriteLineAsync();
        await output.WriteLineAsync($"curl -i -X POST {Quoted($"{given.Url}{Callback}")} -H 'Content-Type: application/json' \\\n  -d {Quoted(text)}");
        return 0;
    }

    private static async Task<int> SignWebhookAsync(Given given, string payload, TextWriter output, TextWriter errors, DateTimeOffset now)
    {
        if (WebhookSecret.Parse(given.Secret) is not { } secret)
            return await RefuseAsync(errors, $"With --webhook the secret must be whsec_ and at least {WebhookSecret.MinBytes} bytes in base64.");
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var id = $"msg_{timestamp}";
        string[] headers =
        [
            $"{StandardWebhooks.IdHeader}: {id}", $"{StandardWebhooks.TimestampHeader}: {timestamp}",
            $"{StandardWebhooks.SignatureHeader}: {StandardWebhooks.Sign([secret], id, timestamp, Encoding.UTF8.GetBytes(payload))}",
        ];
        foreach (var header in headers) await output.WriteLineAsync(header);
        await output.WriteLineAsync();
        var options = string.Concat(headers.Select(header => $" \\\n  -H {Quoted(header)}"));
        await output.WriteLineAsync(
            $"curl -i -X POST {Quoted($"{given.Url}{Webhook}")} -H 'Content-Type: application/json'{options} \\\n  -d {Quoted(payload)}");
        return 0;
    }

    private static (Given? Given, string? Fault) Read(string[] arguments, string? secret)
    {
        var url = "http://localhost:8000";
        string? payload = null;
        var isWebhook = false;
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            if (argument is "--secret" or "--url")
            {
                if (++i == arguments.Length) return (null, $"{argument} needs a value.");
                if (argument == "--secret") secret = arguments[i];
                else url = arguments[i].TrimEnd('/');
            }
            else if (argument == "--webhook") isWebhook = true;
            else if (argument.StartsWith('-')) return (null, $"There is no option {argument}.");
            else if (payload is not null) return (null, "There is more than one payload. Put it into single quotes, so that the shell leaves it whole.");
            else payload = argument;
        }

        if (string.IsNullOrEmpty(secret)) return (null, $"A secret is needed: --secret SECRET, or the environment variable {SecretVariable}.");
        return Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"
            ? (new Given(secret, url, payload, isWebhook), null)
            : (null, $"--url must be a base address such as http://localhost:8000. It is: {url}");
    }

    private static async Task<int> RefuseAsync(TextWriter errors, string fault)
    {
        await errors.WriteLineAsync($"{fault}\n\n{Usage}");
        return WrongUsage;
    }

    // For a POSIX shell: in single quotes everything but a single quote is itself.
    private static string Quoted(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private sealed record Given(string Secret, string Url, string? Payload, bool IsWebhook);
}

/// <summary>Adds the bank's signature to a payload.</summary>
internal static class SignedPayload
{
    /// <summary>Returns the signed text with the member <c>signature</c> at its end. Signing it again gives the same text.</summary>
    /// <returns>ASCII; null when the payload is not a JSON object that <see cref="BankSignature"/> accepts.</returns>
    public static byte[]? Of(ReadOnlySpan<byte> payload, string secret)
    {
        var text = new ArrayBufferWriter<byte>();
        if (!BankSignature.TryCanonicalize(payload, text, out _)) return null;
        var signature = BankSignature.Sign(secret, text.WrittenSpan);
        var comma = text.WrittenCount > "{}".Length ? "," : "";
        return [.. text.WrittenSpan[..^1], .. Encoding.ASCII.GetBytes($"{comma}\"signature\":\"{signature}\"}}")];
    }
}
