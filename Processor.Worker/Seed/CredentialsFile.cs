using System.Globalization;
using System.Text;

namespace Processor.Worker.Seed;

/// <summary>The file with the API keys of the seeded users: the only place where they are stored, readable by its owner only.</summary>
internal static class CredentialsFile
{
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerEnters = OwnerReadsAndWrites | UnixFileMode.UserExecute;

    /// <summary>Appended to the name of an existing file: it has keys of another database, or of this one before it was deleted.</summary>
    private const string Before = ".before";

    /// <summary>Writes the file as a whole or not at all. An existing file is kept beside it.</summary>
    /// <param name="path">Its path; the folder is created when it does not exist.</param>
    /// <param name="madeAt">When the keys were created.</param>
    /// <param name="database">A description of the users' database.</param>
    /// <param name="keys">E-mail and key.</param>
    /// <param name="cancellationToken">Cancels; then nothing has changed.</param>
    public static async Task WriteAsync(
        string path, DateTimeOffset madeAt, string database, IEnumerable<(string Email, string Key)> keys, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) MakeFolder(folder);

        var unfinished = $"{path}.unfinished";
        File.Delete(unfinished);
        await using (var file = new FileStream(unfinished, Closed()))
            await file.WriteAsync(Encoding.UTF8.GetBytes(TextOf(madeAt, database, keys)), cancellationToken);
        if (File.Exists(path)) File.Move(path, path + Before, overwrite: true);
        File.Move(unfinished, path);
    }

    // Not readable by others from the moment it exists.
    private static FileStreamOptions Closed()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerReadsAndWrites;
        return options;
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerEnters);
    }

    private static string TextOf(DateTimeOffset madeAt, string database, IEnumerable<(string Email, string Key)> keys)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# API keys of the development users in {database}, made {madeAt:yyyy-MM-dd'T'HH:mm:ss'Z'}.\n");
        text.Append("# They are stored as hashes only and are written nowhere else. docs/credentials.md says how to use them.\n");
        foreach (var (email, key) in keys) text.Append(CultureInfo.InvariantCulture, $"{email} {key}\n");
        return text.ToString();
    }
}
