using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repo.Tests.Rules;

/// <summary>Time comes from TimeProvider, chance from outside, and nothing is remembered in statics: so that a test decides all three.</summary>
internal static class Determinism
{
    private static readonly HashSet<string> Clocks =
    [
        "DateTime.Now", "DateTime.UtcNow", "DateTime.Today", "DateTimeOffset.Now", "DateTimeOffset.UtcNow",
        "Environment.TickCount", "Environment.TickCount64", "Thread.Sleep",
    ];

    private static readonly HashSet<string> Collections =
        ["List", "Dictionary", "HashSet", "Queue", "Stack", "ConcurrentDictionary", "ConcurrentQueue", "ConcurrentBag", "StringBuilder"];

    public static IEnumerable<Violation> TimeComesFromTimeProvider(Repository repository) =>
        from source in repository.Sources
        where source.IsProduct
        from violation in ClockReads(source).Concat(Waits(source))
        select violation;

    public static IEnumerable<Violation> TestsDoNotSleep(Repository repository) =>
        from source in repository.Sources
        where source.IsTest && source.Path is not "tests/Support/Eventually.cs"
        from violation in Waits(source).Concat(
            Members(source, name => name == "Thread.Sleep", "sleeps", "Await the signal; where there is none, use Support.Eventually."))
        select violation;

    public static IEnumerable<Violation> ChanceIsPassedIn(Repository repository) =>
        from source in repository.Sources
        where source.IsProduct && source.Name != "Program.cs"
        from violation in source.All<ObjectCreationExpressionSyntax>().Where(made => made.Type.ToString() == "Random")
            .Select(made => new Violation(source.Path, SourceFile.LineOf(made), "makes its own Random.",
                "Take a Random as a parameter, so that a test can say what falls."))
            .Concat(source.All<MemberAccessExpressionSyntax>().Where(use => use.ToString() == "Random.Shared" && !IsRegistered(use))
                .Select(use => new Violation(source.Path, SourceFile.LineOf(use), "uses Random.Shared.",
                    "Take a Random as a parameter; name Random.Shared in Program.cs or in an Add… call.")))
        select violation;

    public static IEnumerable<Violation> StaticsDoNotChange(Repository repository) =>
        from source in repository.Sources
        where !source.IsTest
        from member in source.All<MemberDeclarationSyntax>()
        where IsChangingField(member) || IsChangingProperty(member)
        select new Violation(source.Path, SourceFile.LineOf(member), $"static state that can change: {member.ToString().Split('\n')[0].Trim()}",
            "Make it readonly and immutable, or a field of a singleton.");

    private static IEnumerable<Violation> ClockReads(SourceFile source) =>
        Members(source, name => Clocks.Contains(name) || name.StartsWith("Stopwatch.", StringComparison.Ordinal), "reads the machine's clock",
            "Take a TimeProvider: GetUtcNow(), GetTimestamp(), GetElapsedTime().")
        .Concat(source.All<ObjectCreationExpressionSyntax>().Where(made => made.Type.ToString() is "Stopwatch" or "Timer" or "System.Threading.Timer")
            .Select(made => new Violation(source.Path, SourceFile.LineOf(made), $"runs by the machine's clock: {made}.",
                "Take a TimeProvider: GetTimestamp(), CreateTimer().")));

    private static IEnumerable<Violation> Waits(SourceFile source) =>
        source.All<InvocationExpressionSyntax>()
            .Where(call => call.Expression.ToString() is "Task.Delay" && !IsByClock(call.ArgumentList) && !IsForEver(call.ArgumentList))
            .Select(call => new Violation(source.Path, SourceFile.LineOf(call), $"waits by the machine's clock: {call}.",
                "Pass the TimeProvider (named clock or timeProvider) as second argument."))
        .Concat(source.All<ObjectCreationExpressionSyntax>().Where(made => made.Type.ToString() == "PeriodicTimer" && !IsByClock(made.ArgumentList))
            .Select(made => new Violation(source.Path, SourceFile.LineOf(made), $"ticks by the machine's clock: {made}.",
                "Pass the TimeProvider as second argument.")));

    private static IEnumerable<Violation> Members(SourceFile source, Func<string, bool> banned, string fault, string remedy) =>
        source.All<MemberAccessExpressionSyntax>()
            .Where(access => banned(Unqualified(access)))
            .Select(access => new Violation(source.Path, SourceFile.LineOf(access), $"{fault}: {access}.", remedy));

    private static string Unqualified(MemberAccessExpressionSyntax access)
    {
        var parts = access.ToString().Split('.');
        return string.Join('.', parts[Math.Max(0, parts.Length - 2)..]);
    }

    // Without the types at hand the name decides: a clock is called one.
    private static bool IsByClock(ArgumentListSyntax? arguments) => arguments is { Arguments: [_, var second, ..] }
        && (second.ToString().Contains("clock", StringComparison.OrdinalIgnoreCase)
            || second.ToString().Contains("timeProvider", StringComparison.OrdinalIgnoreCase));

    private static bool IsForEver(ArgumentListSyntax arguments) =>
        arguments.Arguments is [var first, ..] && first.ToString() is "Timeout.Infinite" or "Timeout.InfiniteTimeSpan" or "-1";

    private static bool IsRegistered(MemberAccessExpressionSyntax use) => use.Ancestors().OfType<InvocationExpressionSyntax>().Any(call =>
        call.Expression is MemberAccessExpressionSyntax { Name.Identifier.Text: var name }
        && (name.StartsWith("Add", StringComparison.Ordinal) || name.StartsWith("TryAdd", StringComparison.Ordinal)));

    private static bool IsChangingField(MemberDeclarationSyntax member) => member is FieldDeclarationSyntax field && Is(field, "static") && !Is(field, "const")
        && (!Is(field, "readonly")
            || Collections.Contains(field.Declaration.Type.ToString().Split('<')[0])
            || field.AttributeLists.ToString().Contains("ThreadStatic", StringComparison.Ordinal));

    private static bool IsChangingProperty(MemberDeclarationSyntax member) => member is PropertyDeclarationSyntax property && Is(property, "static")
        && property.AccessorList?.Accessors.Any(accessor => accessor is { Keyword.Text: "set", Body: null, ExpressionBody: null }) == true;

    private static bool Is(MemberDeclarationSyntax member, string modifier) => member.Modifiers.Any(m => m.Text == modifier);
}
