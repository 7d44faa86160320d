using System.Globalization;
using System.Text;

namespace Processor.Worker.Seed;

/// <summary>The file with the keys that were made: the only place where they are kept, and only its owner reads it.</summary>
internal static class CredentialsFile
{
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerEnters = OwnerReadsAndWrites | UnixFileMode.UserExecute;

    /// <summary>What is put before the name of a file that was there: it has keys of another database, or of this one before it was deleted.</summary>
    private const string Before = ".before";

    /// <summary>Writes it as a whole or not at all; one that was there is kept beside it.</summary>
    /// <param name="path">Its folder is made when it is not there.</param>
    /// <param name="madeAt">When the keys were made.</param>
    /// <param name="database">Whose users these are, in words.</param>
    /// <param name="keys">E-mail and key.</param>
    /// <param name="cancellationToken">Gives up; then nothing has changed.</param>
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

    // Closed to others from the moment it is there, not a moment later.
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
