namespace Support;

/// <summary>The repository that the running tests were built in.</summary>
public static class RepositoryFolder
{
    /// <summary>The nearest folder above the tests that has the solution; null where they were taken elsewhere.</summary>
    public static string? Find()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "AspireWebhooks.sln"))) at = at.Parent;
        return at?.FullName;
    }
}
