using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Contracts.Tests;

/// <summary>
/// Thousands of bodies, signed by Python itself and by us. Another seed in every run; BANK_SIGNATURE_SEED repeats one. What holds without a
/// Python on the machine stands in <see cref="BankSignatureTests"/>.
/// </summary>
public class BankSignaturePythonTests
{
    private const int Bodies = 6_000;
    private const string Secret = "whsec_pässwörd\U0001F511";

    /// <summary>Reads bodies as base64, a line each; answers "HEX TEXT" or "!".</summary>
    private const string Script = """
        import base64, hashlib, hmac, json, sys
        for line in sys.stdin:
            try:
                members = json.loads(base64.b64decode(line).decode('utf-8'))
                if not isinstance(members, dict): raise ValueError
                signature = members.pop('signature', None)
                text = json.dumps(members, separators=(',', ':'), sort_keys=True)
                print(hmac.new(sys.argv[1].encode(), text.encode(), hashlib.sha256).hexdigest(), text)
            except ValueError:
                print('!')
        """;

    [Fact]
    public async Task Every_body_is_read_printed_and_signed_as_Python_does_it()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("BANK_SIGNATURE_SEED"), out var given) ? given : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"BANK_SIGNATURE_SEED={seed}");
        var corpus = new BankSignatureCorpus(new Random(seed));
        var bodies = Enumerable.Range(0, Bodies).Select(_ => corpus.NextBody()).ToArray();

        var answers = await AskPythonAsync(bodies);

        Assert.Equal(Bodies, answers.Length);
        for (var i = 0; i < Bodies; i++)
        {
            var ours = Answer(bodies[i]);
            if (answers[i] != ours)
                Assert.Fail($"BANK_SIGNATURE_SEED={seed}, body {i}, in base64: {Convert.ToBase64String(bodies[i])}\nPython: {answers[i]}\nwe:     {ours}");
        }

        // A corpus that Python refuses, or that it reads whole, would prove half.
        var read = answers.Count(answer => answer != "!");
        Assert.InRange(read, Bodies / 2, Bodies - Bodies / 20);
    }

    private static string Answer(byte[] body)
    {
        var text = new ArrayBufferWriter<byte>();
        return BankSignature.TryCanonicalize(body, text, out _)
            ? $"{BankSignature.Sign(Secret, text.WrittenSpan)} {Encoding.ASCII.GetString(text.WrittenSpan)}"
            : "!";
    }

    private static async Task<string[]> AskPythonAsync(IEnumerable<byte[]> bodies)
    {
        var cancelled = TestContext.Current.CancellationToken;
        using var python = StartPython();
        var reading = python.StandardOutput.ReadToEndAsync(cancelled);
        var complaints = python.StandardError.ReadToEndAsync(cancelled);
        try
        {
            foreach (var body in bodies) await python.StandardInput.WriteLineAsync(Convert.ToBase64String(body).AsMemory(), cancelled);
            python.StandardInput.Close();
        }
        catch (IOException)
        {
            Assert.Fail($"Python ended early: {await complaints}");
        }

        var answers = await reading;
        await python.WaitForExitAsync(cancelled);
        Assert.True(python.ExitCode == 0, await complaints);
        return answers.TrimEnd().Split('\n');
    }

    private static Process StartPython()
    {
        var start = new ProcessStartInfo("python3", ["-c", Script, Secret])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PYTHONUTF8"] = "1" },
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            Assert.Skip(
                $"python3 cannot be started here ({exception.Message}), so nothing is compared with it. "
                + "BankSignatureTests holds what it printed elsewhere.");
            throw;
        }
    }
}
