namespace Repo.Tests;

/// <summary>Where a rule is broken, and what to do about it.</summary>
internal sealed record Violation(string Path, int Line, string Fault, string Remedy)
{
    public override string ToString() => $"{Path}:{Line}: {Fault} {Remedy}";
}

internal static class Verdict
{
    public static void None(IEnumerable<Violation> violations)
    {
        var all = violations.ToList();
        if (all.Count > 0) Assert.Fail(string.Join('\n', all));
    }
}
