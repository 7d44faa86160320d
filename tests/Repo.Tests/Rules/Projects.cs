using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repo.Tests.Rules;

/// <summary>Who may use whom, and where MSBuild's decisions stand.</summary>
internal static class Projects
{
    public static readonly string[] Services = ["Ingest.Api", "Processor.Worker", "Query.Api", "Portal.Web", "Sandbox"];

    private const string KafkaSwitch = "AspireKafkaPackages", AspireSdk = "Aspire.AppHost.Sdk";

    private static readonly string[] Shared = ["Contracts", "Data", "ServiceDefaults"];
    private static readonly string[] KafkaSource = ["LocalHosting/Aspire.Hosting.Kafka/", "LocalHosting/Aspire.Confluent.Kafka/"];
    private static readonly Regex OldSwitch = new(@"\bOrchestrator=|\$\(Orchestrator\)|</?Orchestrator>|`Orchestrator`|\bset\w* Orchestrator\b");

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

    /// <summary>Where two of Aspire's packages come from is decided once, so that nothing else can come to depend on it.</summary>
    public static IEnumerable<Violation> AspireKafkaPackagesIsReadInOnePlace(Repository repository) =>
        from file in repository.MsBuildFiles
        where file.Path != "Directory.Build.targets" && file.Text.Contains(KafkaSwitch, StringComparison.Ordinal)
        select new Violation(file.Path, file.LineOf(KafkaSwitch), $"names {KafkaSwitch}.",
            "The condition on it stands in Directory.Build.targets, nowhere else.");

    /// <summary>A name of Aspire's is Aspire's type. Only the source of the two packages that not every registry has keeps their namespaces.</summary>
    public static IEnumerable<Violation> NothingPosesAsAspires(Repository repository) =>
        from source in repository.Sources
        where !KafkaSource.Any(folder => source.Path.StartsWith(folder, StringComparison.Ordinal))
        from space in source.All<BaseNamespaceDeclarationSyntax>()
        where space.Name.ToString() is "Aspire" || space.Name.ToString().StartsWith("Aspire.", StringComparison.Ordinal)
        select new Violation(source.Path, SourceFile.LineOf(space), $"has types in {space.Name}.",
            "Give them a namespace of ours: Aspire's own come from its packages.");

    /// <summary>The switch between Aspire and a copy of it, which is gone.</summary>
    public static IEnumerable<Violation> TheOldSwitchIsGone(Repository repository) =>
        from file in repository.Files
        where !file.Path.StartsWith("tests/Repo.Tests/", StringComparison.Ordinal)
        from line in file.Text.Split('\n').Index()
        where OldSwitch.IsMatch(line.Item)
        select new Violation(file.Path, line.Index + 1, $"names the property Orchestrator: {line.Item.Trim()}",
            "Aspire runs the system; where no engine runs, servers are processes (Servers=processes|containers).");

    public static IEnumerable<Violation> NoConditionalCompilation(Repository repository) =>
        from source in repository.Sources
        from directive in source.Root.DescendantNodes(descendIntoTrivia: true).OfType<DirectiveTriviaSyntax>()
        where directive is IfDirectiveTriviaSyntax or DefineDirectiveTriviaSyntax or UndefDirectiveTriviaSyntax
        select new Violation(source.Path, SourceFile.LineOf(directive), $"compiles by condition: {directive.ToString().Trim()}",
            "One source for every machine: decide at run time, or in Directory.Build.targets.");

    public static IEnumerable<Violation> VersionsStandInOnePlace(Repository repository) =>
        from file in repository.MsBuildFiles
        where file.Path != "Directory.Packages.props"
        from element in XElement.Parse(file.Text, LoadOptions.SetLineInfo).Descendants()
        where element.Name.LocalName is "PackageVersion" or "GlobalPackageReference"
            || (element.Name.LocalName == "PackageReference" && HasVersion(element))
        select new Violation(file.Path, ((IXmlLineInfo)element).LineNumber, $"names a version: {element}", "Versions stand in Directory.Packages.props alone.");

    /// <summary>
    /// An SDK is chosen before Directory.Packages.props is read, so its version stands in the project: major and minor number are held to AspireVersion here.
    /// The last number may differ: registries do not have every patch of both.
    /// </summary>
    public static IEnumerable<Violation> AspiresSdkHasAspiresVersion(Repository repository) =>
        from packages in repository.Files
        where packages.Path == "Directory.Packages.props"
        let version = (string?)XElement.Parse(packages.Text).Descendants("AspireVersion").FirstOrDefault() ?? ""
        from file in repository.MsBuildFiles
        from element in XElement.Parse(file.Text, LoadOptions.SetLineInfo).DescendantsAndSelf()
        let sdk = AspireSdkOf(element)
        where sdk is not null && MajorMinor(sdk) != MajorMinor(version)
        select new Violation(file.Path, ((IXmlLineInfo)element).LineNumber, $"{AspireSdk} {sdk} is not of AspireVersion {version}.",
            "Write the same major and minor number in both places.");

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
        select new Violation(file.Path, ((IXmlLineInfo)element).LineNumber, $"turns documentation off: {element}",
            "Every public type and member is documented.");

    public static IEnumerable<Violation> DocumentationIsOn(Repository repository) =>
        from file in repository.Files
        where file.Path == "Directory.Build.props" && !file.Text.Contains("<GenerateDocumentationFile>true<", StringComparison.Ordinal)
        select new Violation(file.Path, 1, "does not turn GenerateDocumentationFile on.", "Without it nothing asks for documentation: set it to true.");

    private static bool InTestsGroup(XElement element) =>
        ((string?)element.Parent?.Attribute("Condition"))?.Contains("$(IsTests)", StringComparison.Ordinal) == true;

    private static bool HasVersion(XElement reference) =>
        reference.Attributes().Select(a => a.Name.LocalName)
            .Concat(reference.Elements().Select(e => e.Name.LocalName))
            .Any(name => name is "Version" or "VersionOverride");

    // <Project Sdk="Name/Version">, <Import Sdk="Name" Version="..."/> or <Sdk Name="Name" Version="..."/>.
    private static string? AspireSdkOf(XElement element)
    {
        var sdk = (string?)element.Attribute("Sdk") ?? (element.Name.LocalName == "Sdk" ? (string?)element.Attribute("Name") : null);
        if (sdk?.Split('/') is not [AspireSdk, .. var rest]) return null;
        return rest.Length > 0 ? rest[0] : (string?)element.Attribute("Version") ?? "";
    }

    private static string MajorMinor(string version) => string.Join('.', version.Split('.').Take(2));

    private static string[]? AllowedFrom(Project project) => project.Name switch
    {
        "Contracts" => [],
        "Data" or "ServiceDefaults" => ["Contracts"],
        "AppHost" => [.. Services, "LocalHosting"],
        "LocalHosting" => ["LocalHosting.Servers", "LocalHosting.EmbeddedKafka", "Aspire.Hosting.Kafka", "Aspire.Confluent.Kafka"],
        "LocalHosting.Servers" => ["LocalHosting.EmbeddedKafka"],
        _ when Services.Contains(project.Name) => Shared,
        _ when project.File.TopFolder == "LocalHosting" => [],
        _ => null,
    };
}
