using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repo.Tests.Rules;

/// <summary>Lines and functions fit a screen, files a few.</summary>
internal static class Size
{
    public const int File = 200;
    public const int Method = 40;
    public const int Line = 160;
    private const int HardFile = 250;
    private const int HardMethod = 50;

    /// <summary>Files that may go up to 250 lines, each with its reason. Meant to be empty.</summary>
    private static readonly Dictionary<string, string> LongFiles = [];

    /// <summary>Methods that may go up to 50 lines, as <c>path#name</c>, each with its reason. Meant to be empty.</summary>
    private static readonly Dictionary<string, string> LongMethods = [];

    public static IEnumerable<Violation> FilesAreShort(Repository repository) =>
        from source in repository.Sources
        where !source.IsTest
        let limit = LongFiles.ContainsKey(source.Path) ? HardFile : File
        where source.Lines > limit
        select new Violation(source.Path, limit, $"has {source.Lines} lines; {limit} is the limit.", "Split it by what its parts do.");

    public static IEnumerable<Violation> MethodsAreShort(Repository repository) =>
        from source in repository.Sources
        where !source.IsTest
        from method in source.Root.DescendantNodes().Where(IsMethod)
        let name = NameOf(method)
        let limit = LongMethods.ContainsKey($"{source.Path}#{name}") ? HardMethod : Method
        let lines = SourceFile.LinesOf(method)
        where lines > limit
        select new Violation(source.Path, SourceFile.LineOf(method), $"{name} has {lines} lines; {limit} is the limit.", "Give its steps names.");

    /// <summary>In tests too. A migration that has run is left as it is, with the SQL in it.</summary>
    public static IEnumerable<Violation> LinesAreShort(Repository repository) =>
        from source in repository.Sources
        where !source.Path.StartsWith("Data/Migrations/", StringComparison.Ordinal)
        from line in source.Text.Split('\n').Index()
        let columns = line.Item.TrimEnd('\r').Length
        where columns > Line
        select new Violation(source.Path, line.Index + 1, $"has {columns} columns; {Line} is the limit.",
            "Break it after a comma or before a dot or an operator, or give a part of it a name.");

    public static IEnumerable<Violation> NoExceptionIsLeftOver(Repository repository) =>
        from path in LongFiles.Keys.Concat(LongMethods.Keys.Select(key => key.Split('#')[0]))
        where repository.Find(path) is null
        select new Violation(path, 1, "is excepted from a limit but is not there.", $"Take it out of {nameof(Size)}.");

    private static bool IsMethod(SyntaxNode node) => node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax
        or PropertyDeclarationSyntax { ExpressionBody: not null };

    private static string NameOf(SyntaxNode method) => method switch
    {
        MethodDeclarationSyntax m => m.Identifier.Text,
        ConstructorDeclarationSyntax c => c.Identifier.Text,
        LocalFunctionStatementSyntax f => f.Identifier.Text,
        PropertyDeclarationSyntax p => p.Identifier.Text,
        AccessorDeclarationSyntax { Parent.Parent: PropertyDeclarationSyntax p } => p.Identifier.Text,
        _ => method.Kind().ToString(),
    };

    private static Microsoft.CodeAnalysis.CSharp.SyntaxKind Kind(this SyntaxNode node) => (Microsoft.CodeAnalysis.CSharp.SyntaxKind)node.RawKind;
}
