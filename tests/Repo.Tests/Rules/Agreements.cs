using System.Globalization;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repo.Tests.Rules;

/// <summary>What is said in two places says the same.</summary>
internal static class Agreements
{
    private const string TopicsFile = "Contracts/Topics.cs";
    private const string AppHost = "AppHost/AppHost.cs", TopicsCall = "RunServersWithoutContainers";

    public const string SettingsPage = "docs/settings.md";

    public static IEnumerable<Violation> EventIdsAreUnique(Repository repository) =>
        from source in repository.Sources
        where !source.IsTest
        from attribute in source.All<AttributeSyntax>()
        where attribute.Name.ToString() is "LoggerMessage"
        group (source, attribute, id: EventIdOf(attribute)) by (ProjectOf(source), EventIdOf(attribute)) into same
        where same.Key.Item2 is null || same.Count() > 1
        from use in same
        select new Violation(use.source.Path, SourceFile.LineOf(use.attribute), use.id is null
                ? "a log message without a fixed event id."
                : $"event id {use.id} is given to more than one message of {same.Key.Item1}.",
            "Write an id as first argument that no other message of this project has.");

    public static IEnumerable<Violation> TopicsAreThoseTheEmbeddedBrokerMakes(Repository repository)
    {
        if (repository.Sources.FirstOrDefault(s => s.Path == TopicsFile) is not { } topics) yield break;
        if (repository.Sources.FirstOrDefault(s => s.Path == AppHost) is not { } host) yield break;
        var constants = topics.All<FieldDeclarationSyntax>()
            .Where(field => field.Modifiers.Any(m => m.Text == "const") && field.Declaration.Type.ToString() == "string")
            .SelectMany(field => field.Declaration.Variables)
            .ToDictionary(variable => ((LiteralExpressionSyntax)variable.Initializer!.Value).Token.ValueText, variable => SourceFile.LineOf(variable));
        var made = host.All<InvocationExpressionSyntax>()
            .Where(call => (call.Expression as MemberAccessExpressionSyntax)?.Name.Identifier.Text == TopicsCall)
            .SelectMany(call => call.ArgumentList.Arguments)
            .ToDictionary(
                argument => (argument.Expression as LiteralExpressionSyntax)?.Token.ValueText ?? argument.ToString(),
                argument => SourceFile.LineOf(argument));
        foreach (var (topic, line) in constants.Where(constant => !made.ContainsKey(constant.Key)))
            yield return new(TopicsFile, line, $"topic {topic} is not made by the embedded broker.", $"Add it to the arguments of {TopicsCall} in {AppHost}.");
        foreach (var (topic, line) in made.Where(topic => !constants.ContainsKey(topic.Key)))
            yield return new(AppHost, line, $"topic {topic} is unknown to {TopicsFile}.", "Take it out, or add the constant.");
    }

    /// <summary>Every property of a class with a constant <c>Section</c>, unless its documentation says "not by configuration".</summary>
    public static IEnumerable<Violation> SettingsAreDocumented(Repository repository) =>
        from source in repository.Sources
        where source.IsProduct
        from type in source.All<TypeDeclarationSyntax>()
        let section = SectionOf(type)
        where section is not null
        from property in type.Members.OfType<PropertyDeclarationSyntax>()
        where property.AccessorList?.Accessors.Any(a => a.Keyword.Text is "set" or "init") == true
        where !property.GetLeadingTrivia().ToString().Contains("not by configuration", StringComparison.Ordinal)
        let setting = $"{section}__{property.Identifier.Text}"
        where repository.Find(SettingsPage)?.Text.Contains(setting, StringComparison.Ordinal) != true
        select new Violation(source.Path, SourceFile.LineOf(property), $"the setting {setting} is not on {SettingsPage}.",
            "Add it there with its unit, default and meaning.");

    /// <summary>CI runs what people are told to run.</summary>
    public static IEnumerable<Violation> CiRunsTheReadmesTests(Repository repository) =>
        from ci in repository.Files
        where ci.Path == ".ci/run"
        let command = System.Text.RegularExpressions.Regex.Match(ci.Text, @"test_command=\((.+?)\)").Groups[1].Value
        from readme in repository.Files
        where readme.Path == "README.md"
            && (command == "" || !readme.Text.Split('\n').Any(line => line.Trim() == command || line.Contains($"`{command}`", StringComparison.Ordinal)))
        select new Violation(ci.Path, ci.LineOf("test_command"), $"runs the tests by `{command}`, which README.md does not name.",
            "Write the same command in both.");

    private static string ProjectOf(SourceFile source) =>
        source.TopFolder == "LocalHosting" && source.Path.Split('/') is [_, var project, _, ..] ? $"LocalHosting/{project}" : source.TopFolder;

    private static int? EventIdOf(AttributeSyntax attribute)
    {
        var arguments = attribute.ArgumentList?.Arguments ?? default;
        var given = arguments.FirstOrDefault(a => a.NameEquals?.Name.Identifier.Text == "EventId")
            ?? arguments.FirstOrDefault(a => a.NameColon?.Name.Identifier.Text == "eventId")
            ?? arguments.FirstOrDefault(a => a is { NameEquals: null, NameColon: null });
        return int.TryParse(given?.Expression.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    private static string? SectionOf(TypeDeclarationSyntax type) => type.Members.OfType<FieldDeclarationSyntax>()
        .Where(field => field.Modifiers.Any(m => m.Text == "const"))
        .SelectMany(field => field.Declaration.Variables)
        .Where(variable => variable.Identifier.Text == "Section")
        .Select(variable => (variable.Initializer?.Value as LiteralExpressionSyntax)?.Token.ValueText.Replace(":", "__", StringComparison.Ordinal))
        .FirstOrDefault();
}
