using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repo.Tests.Rules;

/// <summary>Where things stand and what they are called.</summary>
internal static class Layout
{
    private static readonly HashSet<string> Folders =
    [
        "AppHost", "ServiceDefaults", "Contracts", "Data", "Ingest.Api", "Processor.Worker", "Query.Api", "Portal.Web", "Sandbox",
        "LocalHosting", "tests", "docs", "deploy", ".ci", ".github",
    ];

    private static readonly HashSet<string> RootFiles =
    [
        ".editorconfig", ".gitattributes", ".gitignore", "AspireWebhooks.sln", "Directory.Build.props", "Directory.Build.targets",
        "Directory.Packages.props", "global.json", "LICENSE", "README.md",
    ];

    private static readonly HashSet<string> Empty = ["Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Common", "Manager", "Managers"];

    public static IEnumerable<Violation> NothingElseAtTheRoot(Repository repository) =>
        from file in repository.Files
        where file.TopFolder == "" ? !RootFiles.Contains(file.Path) : !Folders.Contains(file.TopFolder)
        select new Violation(file.Path, 1, "stands where no room is meant for it.",
            $"Move it into one of {string.Join(", ", Folders)}; "
            + $"a new room needs a line in DESIGN.md's layout table and in {nameof(Layout)}.{nameof(Folders)}.");

    public static IEnumerable<Violation> NamesSayWhatAThingDoes(Repository repository) =>
        FileNames(repository).Concat(TypeNames(repository));

    private static IEnumerable<Violation> FileNames(Repository repository) =>
        from file in repository.Files
        from word in file.Path.Split('/').SelectMany(WordsOf)
        where Empty.Contains(word)
        select new Violation(file.Path, 1, $"is called \"{word}\", which says nothing.", "Name the file or folder for what it does.");

    private static IEnumerable<Violation> TypeNames(Repository repository) =>
        from source in repository.Sources
        from type in source.All<BaseTypeDeclarationSyntax>()
        from word in WordsOf(type.Identifier.Text)
        where Empty.Contains(word)
        select new Violation(source.Path, SourceFile.LineOf(type), $"type {type.Identifier.Text} is called \"{word}\", which says nothing.",
            "Name it for what it does.");

    // "OrderManager.cs" -> Order, Manager, cs
    private static IEnumerable<string> WordsOf(string name) =>
        System.Text.RegularExpressions.Regex.Matches(name, "[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
            .Select(match => char.ToUpperInvariant(match.Value[0]) + match.Value[1..]);
}
