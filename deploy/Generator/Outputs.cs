namespace Deploy;

/// <summary>A generated file.</summary>
/// <param name="Path">Below <c>deploy</c>.</param>
/// <param name="Text">Its whole text.</param>
public sealed record GeneratedFile(string Path, string Text);

/// <summary>All that is generated. Regenerating changes nothing unless the AppHost or one of the copied files has changed.</summary>
public static class Outputs
{
    /// <summary>Helm reads no file outside its chart, so these are there twice.</summary>
    private static readonly string[] CopiedIntoChart = ["observability/otel-collector.yaml", "observability/alerts.yaml"];

    private const string Chart = "helm/aspire-webhooks/files";

    /// <summary>The files of a model.</summary>
    /// <param name="model">The system.</param>
    /// <param name="folder">The folder <c>deploy</c>, for what is copied.</param>
    public static IEnumerable<GeneratedFile> From(DeployModel model, string folder) =>
    [
        new($"{Chart}/model.json", ChartModel.Write(model)),
        new("compose/compose.yaml", Compose.Write(model)),
        new("compose/env.example", Compose.WriteExample(model)),
        .. CopiedIntoChart.Select(path => new GeneratedFile($"{Chart}/{Path.GetFileName(path)}", File.ReadAllText(Path.Combine(folder, path)))),
    ];
}
