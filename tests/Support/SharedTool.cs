namespace Support;

/// <summary>
/// Programs that tests use when they are there, and skip without: named by a variable, in PATH, or in shared/tools beside or above the repository.
/// </summary>
public static class SharedTool
{
    /// <summary>The program's path; null when it is nowhere.</summary>
    /// <param name="name">The file's name, such as <c>stripe-mock</c>.</param>
    /// <param name="variable">The environment variable that may name it.</param>
    public static string? Find(string name, string variable)
    {
        string[] given = Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named ? [named] : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name));
        var above = new List<string>();
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            above.Add(Path.Combine(at.FullName, "shared/tools", name));
        return given.Concat(path).Concat(above).FirstOrDefault(File.Exists);
    }
}
