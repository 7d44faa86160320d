using System.Text;
using Contracts;

namespace Sandbox.Signing;

/// <summary><c>dotnet run --project Sandbox -- sign</c>: signs a payload as the bank does, and shows the curl line that sends it.</summary>
internal static class SignCommand
{
    /// <summary>The environment variable that has the secret when no argument does.</summary>
    public const string SecretVariable = "WEBHOOK_SECRET";

    private const string Path = "/webhooks/bank-callback";
    private const int WrongUsage = 2;

    public const string Usage =
        """
        Signs the payload of a bank's callback and prints it with its signature, then a curl line that sends it.

          dotnet run --project Sandbox -- sign [--secret SECRET] [--url BASE] [PAYLOAD]

          --secret SECRET  what the receiver has as WEBHOOK_SECRET; default: that environment variable
          --url BASE       where the receiver is; default: http://localhost:8000
          PAYLOAD          a JSON object; without it, it is read from standard input

        For example:
          dotnet run --project Sandbox -- sign --secret development-webhook-secret-change-me \
            '{"transaction_id":123,"bank_reference":"BANK-REF-123456","status":"success","error_message":null}'
        """;

    /// <param name="arguments">What stands behind <c>sign</c>.</param>
    /// <param name="defaultSecret">The value of <see cref="SecretVariable"/>.</param>
    /// <param name="input">Where the payload is read from when it is not an argument.</param>
    /// <param name="output">The signed payload, an empty line, the curl line.</param>
    /// <param name="errors">What is wrong, and how it is used.</param>
    /// <returns>The exit code: 0, or 2 when the arguments or the payload cannot be meant.</returns>
    public static async Task<int> RunAsync(string[] arguments, string? defaultSecret, TextReader input, TextWriter output, TextWriter errors)
    {
        if (arguments is ["--help" or "-h"])
        {
            await output.WriteLineAsync(Usage);
            return 0;
        }

        var (given, fault) = Read(arguments, defaultSecret);
        if (given is null) return await RefuseAsync(errors, fault!);
        var payload = given.Payload ?? await input.ReadToEndAsync();
        if (SignedPayload.Of(Encoding.UTF8.GetBytes(payload), given.Secret) is not { } signed)
            return await RefuseAsync(errors, $"The payload must be a JSON object, at most {BankSignature.MaxDepth} deep. It is: {payload}");

        var text = Encoding.ASCII.GetString(signed);
        await output.WriteLineAsync(text);
        await output.WriteLineAsync();
        await output.WriteLineAsync($"curl -i -X POST {Quoted($"{given.Url}{Path}")} -H 'Content-Type: application/json' \\\n  -d {Quoted(text)}");
        return 0;
    }

    private static (Given? Given, string? Fault) Read(string[] arguments, string? secret)
    {
        var url = "http://localhost:8000";
        string? payload = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            if (argument is "--secret" or "--url")
            {
                if (++i == arguments.Length) return (null, $"{argument} needs a value.");
                if (argument == "--secret") secret = arguments[i];
                else url = arguments[i].TrimEnd('/');
            }
            else if (argument.StartsWith('-')) return (null, $"There is no option {argument}.");
            else if (payload is not null) return (null, "There is more than one payload. Put it into single quotes, so that the shell leaves it whole.");
            else payload = argument;
        }

        if (string.IsNullOrEmpty(secret)) return (null, $"A secret is needed: --secret SECRET, or the environment variable {SecretVariable}.");
        return Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"
            ? (new Given(secret, url, payload), null)
            : (null, $"--url must be a base address such as http://localhost:8000. It is: {url}");
    }

    private static async Task<int> RefuseAsync(TextWriter errors, string fault)
    {
        await errors.WriteLineAsync($"{fault}\n\n{Usage}");
        return WrongUsage;
    }

    // For a POSIX shell: in single quotes everything but a single quote is itself.
    private static string Quoted(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private sealed record Given(string Secret, string Url, string? Payload);
}
