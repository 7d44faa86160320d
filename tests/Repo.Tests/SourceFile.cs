using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repo.Tests;

/// <summary>A C# file, parsed when first asked for.</summary>
internal sealed record SourceFile(string Path, string Text) : TextFile(Path, Text)
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);
    private readonly Lazy<SyntaxNode> _root = new(() => CSharpSyntaxTree.ParseText(Text, Options).GetRoot());

    public SyntaxNode Root => _root.Value;

    public int Lines => Text.Split('\n').Length - (Text.EndsWith('\n') ? 1 : 0);

    public IEnumerable<T> All<T>() where T : SyntaxNode => Root.DescendantNodes().OfType<T>();

    public static int LineOf(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    /// <summary>How many lines a piece of code takes, less those inside a text literal: an SQL statement is data.</summary>
    public static int LinesOf(SyntaxNode node) => Span(node) - node.DescendantTokens()
        .Where(token => token.Parent is LiteralExpressionSyntax or InterpolatedStringTextSyntax)
        .Sum(token => Rows(token.GetLocation()) - 1);

    private static int Span(SyntaxNode node) => Rows(node.GetLocation());

    private static int Rows(Location location)
    {
        var span = location.GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
