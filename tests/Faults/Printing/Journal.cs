using System.Globalization;
using Support;

namespace Faults.Printing;

/// <summary>
/// What is said while the matrix runs: to the test's output, and line by line to artifacts/faults/, so that a run that is cut off has left something.
/// </summary>
internal sealed class Journal
{
    public Journal(TimeProvider clock)
    {
        var folder = Path.Combine(RepositoryFolder.Find() ?? Directory.GetCurrentDirectory(), "artifacts", "faults");
        Directory.CreateDirectory(folder);
        File = Path.Combine(folder, $"{clock.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}.txt");
    }

    public string File { get; }

    public void Say(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        System.IO.File.AppendAllText(File, line + Environment.NewLine);
    }
}
