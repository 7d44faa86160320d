using System.Xml.Linq;

namespace Repo.Tests;

/// <summary>The repository as text: every file by its path from the root, with <c>/</c>. Made from disk, or by a test from a few lines.</summary>
internal sealed class Repository
{
    private const string Solution = "AspireWebhooks.sln";

    private static readonly string[] TextFiles = [".cs", ".csproj", ".props", ".targets", ".json", ".sln", ".md", "run"];

    private Repository(IEnumerable<(string Path, string Text)> files)
    {
        Files = [.. files.Select(file => new TextFile(file.Path, file.Text)).OrderBy(file => file.Path, StringComparer.Ordinal)];
        Sources = [.. Files.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal)).Select(file => new SourceFile(file.Path, file.Text))];
        Projects = [.. Files.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal)).Select(file => new Project(file))];
    }

    public IReadOnlyList<TextFile> Files { get; }

    public IReadOnlyList<SourceFile> Sources { get; }

    public IReadOnlyList<Project> Projects { get; }

    public IEnumerable<TextFile> MsBuildFiles => Files.Where(file => Path.GetExtension(file.Path) is ".csproj" or ".props" or ".targets");

    public static Repository Of(params (string Path, string Text)[] files) => new(files);

    /// <summary>Reads the repository that this assembly was built in.</summary>
    public static Repository FromDisk()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, Solution))) root = root.Parent;
        Assert.SkipWhen(root is null, $"There is no {Solution} in any folder above {AppContext.BaseDirectory}: the repository is not here to be read.");
        return new(Walk(root!.FullName, root.FullName, Ignored.Read(root.FullName)));
    }

    public TextFile? Find(string path) => Files.FirstOrDefault(file => file.Path == path);

    private static IEnumerable<(string Path, string Text)> Walk(string root, string folder, Ignored ignored)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Where(file => !ignored.HasFile(Path.GetFileName(file))))
        {
            var isText = TextFiles.Any(end => file.EndsWith(end, StringComparison.Ordinal));
            yield return (Path.GetRelativePath(root, file).Replace('\\', '/'), isText ? File.ReadAllText(file) : "");
        }

        foreach (var file in Directory.EnumerateDirectories(folder).Where(f => !ignored.HasFolder(Path.GetFileName(f))).SelectMany(f => Walk(root, f, ignored)))
            yield return file;
    }

    /// <summary>What .gitignore leaves out, as far as it is written in its two plainest forms: <c>folder/</c> and <c>*.ending</c>.</summary>
    private sealed record Ignored(IReadOnlyList<string> Folders, IReadOnlyList<string> Endings)
    {
        public static Ignored Read(string root)
        {
            var lines = File.ReadAllLines(Path.Combine(root, ".gitignore"));
            return new(
                [".git", .. lines.Where(line => line.EndsWith('/')).Select(line => line.Trim('/'))],
                [.. lines.Where(line => line.StartsWith("*.", StringComparison.Ordinal)).Select(line => line[1..])]);
        }

        public bool HasFolder(string name) => Folders.Contains(name);

        // In a git worktree, .git is a file.
        public bool HasFile(string name) => name == ".git" || Endings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal));
    }
}

/// <summary>A file with where it stands.</summary>
internal record TextFile(string Path, string Text)
{
    public string TopFolder => Path.Contains('/', StringComparison.Ordinal) ? Path[..Path.IndexOf('/', StringComparison.Ordinal)] : "";

    public bool IsTest => TopFolder == "tests";

    /// <summary>True for what runs in production: the services and what they share.</summary>
    public bool IsProduct => TopFolder is not ("tests" or "LocalHosting" or "");

    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The line, counted from 1, on which a piece of text first stands.</summary>
    public int LineOf(string piece) => Text[..Math.Max(0, Text.IndexOf(piece, StringComparison.Ordinal))].Count(c => c == '\n') + 1;
}

/// <summary>A .csproj: what it names, not what MSBuild makes of it.</summary>
internal sealed record Project
{
    private readonly XElement _xml;

    public Project(TextFile file) => (File, _xml) = (file, XElement.Parse(file.Text));

    public TextFile File { get; }

    public string Name => System.IO.Path.GetFileNameWithoutExtension(File.Path);

    public IEnumerable<string> Packages => Includes("PackageReference");

    /// <summary>Names of the projects referenced.</summary>
    public IEnumerable<string> References => Includes("ProjectReference").Select(path => System.IO.Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

    private IEnumerable<string> Includes(string item) => _xml.Descendants(item).Select(element => (string?)element.Attribute("Include")).OfType<string>();
}
