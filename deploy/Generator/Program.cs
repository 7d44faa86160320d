// Writes what deployments have in common with the AppHost, from its manifest: `deploy/generate` runs it. A test holds the files in the repository to it.
using Deploy;

if (args is not [var manifest, var folder])
{
    Console.Error.WriteLine("Generator MANIFEST.json FOLDER: writes into FOLDER (the repository's deploy) what follows from the AppHost's manifest.");
    return 2;
}

foreach (var file in Outputs.From(DeployModel.From(Manifest.Parse(File.ReadAllText(manifest))), folder))
{
    var path = Path.Combine(folder, file.Path);
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    File.WriteAllText(path, file.Text);
    Console.WriteLine($"{file.Path}: {file.Text.Split('\n').Length - 1} lines");
}

return 0;
