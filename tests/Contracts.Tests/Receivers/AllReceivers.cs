using System.ComponentModel;
using System.Security.Cryptography;

namespace Contracts.Tests.Receivers;

/// <summary>The three receivers, which know two secrets: while a secret is rotated.</summary>
public sealed class AllReceivers : IAsyncLifetime
{
    private readonly Dictionary<string, RunningReceiver> _running = [];
    private readonly Dictionary<string, string> _missing = [];

    internal static string[] Languages { get; } = ["python", "node", "csharp"];

    internal WebhookSecret New { get; } = WebhookSecret.New(RandomNumberGenerator.Fill);

    internal WebhookSecret Old { get; } = WebhookSecret.New(RandomNumberGenerator.Fill);

    internal HttpClient Http { get; } = new();

    public async ValueTask InitializeAsync()
    {
        // Side by side: each takes a moment to start.
        foreach (var start in Languages.Select(StartAsync).ToArray()) await start;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        foreach (var receiver in _running.Values) await receiver.DisposeAsync();
    }

    /// <summary>Skips the test where the program is not there.</summary>
    internal RunningReceiver Find(string language)
    {
        Assert.SkipWhen(_missing.TryGetValue(language, out var why), why ?? "");
        return _running[language];
    }

    private async Task StartAsync(string language)
    {
        try
        {
            var receiver = await RunningReceiver.StartAsync(language, $"{New.Reveal()}, {Old.Reveal()}");
            lock (_running) _running.Add(language, receiver);
        }
        catch (Win32Exception exception)
        {
            var package = language switch { "python" => "python3", "node" => "nodejs", _ => "the .NET SDK, with dotnet in PATH" };
            lock (_running) _missing.Add(language, $"docs/receivers/{language} cannot be started here ({exception.Message}). Install {package}.");
        }
    }
}
