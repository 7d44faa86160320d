namespace LocalHosting.Running;

/// <summary>What the person who started the system sees: short lines of ours, and each process's lines with its name in front.</summary>
internal sealed class Screen(bool shows, int nameWidth)
{
    private static readonly string[] Colours = ["36", "32", "33", "35", "34", "96", "92", "93", "95", "94"];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _colourOf = [];
    private readonly bool _colours = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";

    /// <summary>A line of ours.</summary>
    public void Say(string text) => Write(Console.Out, text);

    /// <summary>A line about a resource.</summary>
    public void Say(string resource, string text) => Write(Console.Out, $"{Name(resource)}   {text}");

    /// <summary>A line a process has written.</summary>
    public void Line(string resource, string text) => Write(Console.Out, $"{Name(resource)} | {text}");

    /// <summary>What went wrong.</summary>
    public void Fail(string text) => Write(Console.Error, _colours ? $"\e[31m{text}\e[0m" : text);

    private string Name(string resource)
    {
        var padded = resource.PadRight(nameWidth);
        if (!_colours)
            return padded;
        lock (_lock)
        {
            if (!_colourOf.TryGetValue(resource, out var colour))
                _colourOf[resource] = colour = Colours[_colourOf.Count % Colours.Length];
            return $"\e[{colour}m{padded}\e[0m";
        }
    }

    private void Write(TextWriter where, string text)
    {
        if (!shows)
            return;
        lock (_lock)
            where.WriteLine(text);
    }
}
