using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repo.Tests.Rules;

/// <summary>Who may use whom, and where MSBuild's decisions stand.</summary>
internal static class Projects
{
    public static readonly string[] Services = ["Ingest.Api", "Processor.Worker", "Query.Api", "Portal.Web", "Sandbox"];

    private static readonly string[] Shared = ["Contracts", "Data", "ServiceDefaults"];

    public static IEnumerable<Violation> ReferencesPointDownwards(Repository repository) =>
        from project in repository.Projects
        let allowed = AllowedFrom(project)
        where allowed is not null
        from reference in project.References
        where !allowed.Contains(reference)
        select new Violation(project.File.Path, project.File.LineOf($"{reference}.csproj"), $"{project.Name} uses {reference}.",
            allowed.Length == 0 ? "It may use no project." : $"It may use only {string.Join(", ", allowed)}: move what both need there, or send a message.");

    public static IEnumerable<Violation> ContractsHasNoPackages(Repository repository) =>
        from project in repository.Projects
        where project.Name == "Contracts"
        from package in project.Packages
        select new Violation(project.File.Path, project.File.LineOf(package), $"Contracts uses the package {package}.",
            "What crosses a process border must not bring a package into every process.");

    public static IEnumerable<Violation> AppHostUsesOnlyAspireHosting(Repository repository) =>
        from project in repository.Projects
        where project.Name == "AppHost"
        from package in project.Packages
        where !package.StartsWith("Aspire.Hosting.", StringComparison.Ordinal)
        select new Violation(project.File.Path, project.File.LineOf(package), $"AppHost uses the package {package}.",
            "AppHost is a table of resources: only Aspire.Hosting.* belongs there.");

    public static IEnumerable<Violation> OrchestratorIsDecidedInOnePlace(Repository repository) =>
        from file in repository.MsBuildFiles
        where !(file.TopFolder == "" && file.Name.StartsWith("Directory.", StringComparison.Ordinal))
        from attribute in XElement.Parse(file.Text, LoadOptions.SetLineInfo).DescendantsAndSelf().Attributes()
        where attribute.Value.Contains("$(Orchestrator)", StringComparison.OrdinalIgnoreCase)
        select new Violation(file.Path, ((IXmlLineInfo)attribute).LineNumber, "depends on Orchestrator.",
            "Conditions on it stand in Directory.*.props and Directory.*.targets at the root, nowhere else.");

    public static IEnumerable<Violation> NoConditionalCompilation(Repository repository) =>
        from source in repository.Sources
        from directive in source.Root.DescendantNodes(descendIntoTrivia: true).OfType<DirectiveTriviaSyntax>()
        where directive is IfDirectiveTriviaSyntax or DefineDirectiveTriviaSyntax or UndefDirectiveTriviaSyntax
        select new Violation(source.Path, SourceFile.LineOf(directive), $"compiles by condition: {directive.ToString().Trim()}",
            "One source for both orchestrators: decide at run time, or in Directory.Build.targets.");

    public static IEnumerable<Violation> VersionsStandInOnePlace(Repository repository) =>
        from file in repository.MsBuildFiles
        where file.Path != "Directory.Packages.props"
        from element in XElement.Parse(file.Text, LoadOptions.SetLineInfo).Descendants()
        where element.Name.LocalName is "PackageVersion" or "GlobalPackageReference"
            || (element.Name.LocalName == "PackageReference" && HasVersion(element))
        select new Violation(file.Path, ((IXmlLineInfo)element).LineNumber, $"names a version: {element}", "Versions stand in Directory.Packages.props alone.");

    /// <summary>The SDK's import cannot read a property of Directory.Packages.props, which comes later: so the two numbers are held together here.</summary>
    public static IEnumerable<Violation> AspiresSdkHasAspiresVersion(Repository repository) =>
        from packages in repository.Files
        where packages.Path == "Directory.Packages.props"
        let version = (string?)XElement.Parse(packages.Text).Descendants("AspireVersion").FirstOrDefault()
        from file in repository.MsBuildFiles
        from import in XElement.Parse(file.Text, LoadOptions.SetLineInfo).Descendants("Import")
        where (string?)import.Attribute("Sdk") == "Aspire.AppHost.Sdk" && (string?)import.Attribute("Version") != version
        select new Violation(file.Path, ((IXmlLineInfo)import).LineNumber, $"Aspire.AppHost.Sdk is not of AspireVersion {version}.", "Write the same version in both places.");

    public static IEnumerable<Violation> EveryProjectIsInTheSolution(Repository repository) =>
        from solution in repository.Files
        where solution.Path == "AspireWebhooks.sln"
        from project in repository.Projects
        where !solution.Text.Contains($"\"{project.File.Path.Replace('/', '\\')}\"", StringComparison.Ordinal)
        select new Violation(project.File.Path, 1, "is not in AspireWebhooks.sln, so neither built nor tested.",
            $"dotnet sln add --include-references false {project.File.Path}" + (project.File.IsTest ? " -s tests" : ""));

    /// <summary>The compiler finds what is not documented (CS1591), but only where it writes the documentation file.</summary>
    public static IEnumerable<Violation> DocumentationIsDemanded(Repository repository) =>
        from file in repository.MsBuildFiles
        where !file.IsTest && file.Name != "AppHost.csproj" // AppHost has no types of its own.
        from element in XElement.Parse(file.Text, LoadOptions.SetLineInfo).Descendants()
        where (element.Name.LocalName == "GenerateDocumentationFile" && element.Value != "true")
            || (element.Name.LocalName == "NoWarn" && element.Value.Contains("1591", StringComparison.Ordinal) && !InTestsGroup(element))
        select new Violation(file.Path, ((IXmlLineInfo)element).LineNumber, $"turns documentation off: {element}", "Every public type and member is documented.");

    public static IEnumerable<Violation> DocumentationIsOn(Repository repository) =>
        from file in repository.Files
        where file.Path == "Directory.Build.props" && !file.Text.Contains("<GenerateDocumentationFile>true<", StringComparison.Ordinal)
        select new Violation(file.Path, 1, "does not turn GenerateDocumentationFile on.", "Without it nothing asks for documentation: set it to true.");

    private static bool InTestsGroup(XElement element) => ((string?)element.Parent?.Attribute("Condition"))?.Contains("$(IsTests)", StringComparison.Ordinal) == true;

    private static bool HasVersion(XElement reference) =>
        reference.Attributes().Select(a => a.Name.LocalName).Concat(reference.Elements().Select(e => e.Name.LocalName)).Any(name => name is "Version" or "VersionOverride");

    private static string[]? AllowedFrom(Project project) => project.Name switch
    {
        "Contracts" or "ServiceDefaults" => [],
        "Data" => ["Contracts"],
        "AppHost" => Services,
        _ when Services.Contains(project.Name) => Shared,
        _ when project.File.TopFolder == "LocalHosting" => ["LocalHosting.Hosting", "LocalHosting.Clients", "LocalHosting.EmbeddedKafka"],
        _ => null,
    };
}
