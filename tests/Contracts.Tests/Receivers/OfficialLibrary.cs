using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Contracts.Tests.Receivers;

/// <summary>What a library is asked: to verify, or where there is no signature to sign.</summary>
internal sealed record Question(string Secret, string Id, string Timestamp, string? Signature, string Body);

/// <summary>
/// A library of the Standard Webhooks project, of a pinned version, in a folder of its own below the temporary one: installed once, from then on at hand.
/// What it is asked goes to its standard input, a line of JSON each; a line of JSON comes back: what it says.
/// </summary>
/// <param name="program">What runs the script.</param>
/// <param name="script">The script's text.</param>
/// <param name="variable">The environment variable by which it finds the library.</param>
/// <param name="folder">The folder with the library; null where the program finds it by itself.</param>
internal sealed class OfficialLibrary(string program, string script, string variable, string? folder)
{
    private static readonly TimeSpan InstallLimit = TimeSpan.FromSeconds(60);

    private const string NodeScript = """
        const { Webhook } = require('standardwebhooks');
        for (const line of require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
          const { Secret, Id, Timestamp, Signature, Body } = JSON.parse(line);
          let said;
          try {
            const webhook = new Webhook(Secret);
            if (Signature === null) said = webhook.sign(Id, new Date(Timestamp * 1000), Buffer.from(Body, 'base64'));
            else said = webhook.verify(Buffer.from(Body, 'base64'),
              { 'webhook-id': Id, 'webhook-timestamp': Timestamp, 'webhook-signature': Signature }) ? 'valid' : 'no payload';
          } catch (error) {
            said = error.message;
          }
          console.log(JSON.stringify(said));
        }
        """;

    private const string PythonScript = """
        import base64, json, sys
        from datetime import datetime, timezone
        from standardwebhooks import Webhook
        for line in sys.stdin:
            q = json.loads(line)
            body = base64.b64decode(q['Body'])
            try:
                webhook = Webhook(q['Secret'])
                if q['Signature'] is None:
                    said = webhook.sign(q['Id'], datetime.fromtimestamp(int(q['Timestamp']), timezone.utc), body.decode())
                else:
                    headers = {'webhook-id': q['Id'], 'webhook-timestamp': q['Timestamp'], 'webhook-signature': q['Signature']}
                    said = 'valid' if webhook.verify(body, headers) else 'no payload'
            except Exception as error:
                said = str(error)
            print(json.dumps(said))
        """;

    /// <summary>The npm package. Skips the test where it cannot be had.</summary>
    public static async Task<OfficialLibrary> OfNodeAsync()
    {
        const string Version = "1.1.1";
        var folder = CacheFolder($"npm-{Version}");
        if (!Directory.Exists(folder))
        {
            await InstallAsync(folder, "npm", Missing($"npm's standardwebhooks {Version}", "nodejs and npm"), begin =>
            {
                // The lock file has the hash of every package.
                foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Receivers", "npm")))
                    File.Copy(file, Path.Combine(begin, Path.GetFileName(file)));
                return ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0", "--fetch-timeout=10000"];
            });
        }

        return new("node", NodeScript, "NODE_PATH", Path.Combine(folder, "node_modules"));
    }

    /// <summary>The Python package: one that is installed, else one that pip gets. Skips the test where it cannot be had.</summary>
    public static async Task<OfficialLibrary> OfPythonAsync()
    {
        const string Version = "1.1.0";
        var missing = Missing($"Python's standardwebhooks {Version}", "python3 and pip, or `pip install standardwebhooks`");
        if ((await RunAsync("python3", ["-c", "import standardwebhooks"], missing)).Code == 0) return new("python3", PythonScript, "PYTHONPATH", null);
        var folder = CacheFolder($"pip-{Version}");
        if (!Directory.Exists(folder))
        {
            await InstallAsync(folder, "python3", missing, begin =>
                ["-m", "pip", "install", "--target", begin, "--no-deps", "--no-input", "--retries", "0", "--timeout", "5", $"standardwebhooks=={Version}"]);
        }

        return new("python3", PythonScript, "PYTHONPATH", folder);
    }

    /// <summary>What it says to each question.</summary>
    public async Task<string[]> AskAsync(IEnumerable<Question> questions)
    {
        string[] arguments = program == "node" ? ["-e", script] : ["-c", script];
        var environment = folder is null ? null : new Dictionary<string, string> { [variable] = folder };
        var input = string.Concat(questions.Select(question => JsonSerializer.Serialize(question) + "\n"));
        var (code, output, errors) = await RunAsync(program, arguments, $"{program} cannot be started here.", environment, input: input);
        Assert.True(code == 0, errors);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<string>(line)!)];
    }

    private static string Missing(string what, string install) =>
        $"{what} is not to be had here, so nothing is compared with it. It needs {install}, and a registry.";

    private static string CacheFolder(string name) =>
        Path.Combine(Path.GetTempPath(), $"aspirewebhooks-tests-{Environment.UserName}", $"standardwebhooks-{name}");

    /// <summary>Installs into a folder beside, which is renamed when it is complete: runs at the same time do not meet.</summary>
    private static async Task InstallAsync(string folder, string program, string missing, Func<string, string[]> prepare)
    {
        if (!OperatingSystem.IsWindows())
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var begin = Directory.CreateDirectory($"{folder}.{Guid.NewGuid():N}").FullName;
        try
        {
            var (code, output, errors) = await RunAsync(program, prepare(begin), missing, inFolder: begin);
            Assert.SkipWhen(code != 0, $"{missing} {program} says: {(errors.Trim() is { Length: > 0 } said ? said : output.Trim()).Split('\n')[^1]}");
            Directory.Move(begin, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another run was first.
        }
        finally
        {
            if (Directory.Exists(begin)) Directory.Delete(begin, recursive: true);
        }
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(
        string program, string[] arguments, string missing, Dictionary<string, string>? environment = null, string? inFolder = null, string input = "")
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = inFolder ?? "",
        };
        start.Environment["PYTHONUTF8"] = "1";
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        using var process = Start(start, missing);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var time = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        time.CancelAfter(InstallLimit);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), time.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(time.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Skip($"{missing} {program} did not end within {InstallLimit.TotalSeconds} s, or ended early: {exception.Message}");
        }

        return (process.ExitCode, await output, await errors);
    }

    private static Process Start(ProcessStartInfo start, string missing)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            Assert.Skip($"{missing} {start.FileName} cannot be started here: {exception.Message}");
            throw;
        }
    }
}
