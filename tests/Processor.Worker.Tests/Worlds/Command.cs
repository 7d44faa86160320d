using System.Reflection;
using System.Text;

namespace Processor.Worker.Tests.Worlds;

/// <summary>
/// The worker's own Main in this process, for what does one thing and ends (<c>--migrate</c>): in a process of its own each takes 2 s of processor to start.
/// What it writes to the console comes here alone, however many run at a time: it is told apart by the flow of execution, which the logger's thread has, too.
/// </summary>
internal static class Command
{
    private static readonly AsyncLocal<TextWriter?> Output = new();

    static Command() => Console.SetOut(new ByFlow(Console.Out));

    public static async Task<(int ExitCode, string Output)> RunAsync(string argument, IEnumerable<(string Name, string Value)> settings)
    {
        using var output = new StringWriter();
        string[] arguments = [.. settings.Select(setting => $"--{setting.Name}={setting.Value}"), argument]; // Last, or what follows is its value.
        var exitCode = await Task.Factory.StartNew(
            () =>
            {
                Output.Value = TextWriter.Synchronized(output);
                return (int)typeof(Program).Assembly.EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null)!;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return (exitCode, output.ToString());
    }

    private sealed class ByFlow(TextWriter others) : TextWriter
    {
        public override Encoding Encoding => others.Encoding;

        public override void Write(char value) => (Output.Value ?? others).Write(value);

        public override void Write(char[] buffer, int index, int count) => (Output.Value ?? others).Write(buffer, index, count);

        public override void Write(string? value) => (Output.Value ?? others).Write(value);

        public override void Flush() => (Output.Value ?? others).Flush();
    }
}
