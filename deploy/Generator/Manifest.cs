using System.Text.Json;

namespace Deploy;

/// <summary>
/// An AppHost's manifest, as far as a deployment of ours needs it. What is not understood is refused: a file that lacks something would look right.
/// </summary>
/// <param name="Resources">By name, in the manifest's order.</param>
public sealed record Manifest(IReadOnlyList<Resource> Resources)
{
    /// <summary>Reads the JSON that <c>--publisher manifest</c> writes.</summary>
    public static Manifest Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return new([.. document.RootElement.GetProperty("resources").EnumerateObject().Select(resource => Resource.Read(resource.Name, resource.Value))]);
    }

    /// <summary>The resource of that name.</summary>
    public Resource this[string name] =>
        Resources.FirstOrDefault(resource => resource.Name == name) ?? throw new ManifestException($"names no resource {name}");
}

/// <summary>A resource of the manifest.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The image, the project's path, or a value's expression; empty where there is none.</param>
public sealed record Resource(string Name, ResourceKind Kind, string Text)
{
    /// <summary>Its environment, values as expressions.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; private init; } = [];

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Args { get; private init; } = [];

    /// <summary>What is started instead of the image's own program.</summary>
    public string? Entrypoint { get; private init; }

    /// <summary>The expression of its connection string.</summary>
    public string? ConnectionString { get; private init; }

    /// <summary>Where it listens, by the binding's name.</summary>
    public IReadOnlyDictionary<string, Binding> Bindings { get; private init; } = new Dictionary<string, Binding>();

    /// <summary>Folders that outlive it: a volume's name and where it is mounted.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Volumes { get; private init; } = [];

    /// <summary>Whether a parameter's value is a secret.</summary>
    public bool IsSecret { get; private init; }

    internal static Resource Read(string name, JsonElement json)
    {
        var type = json.GetProperty("type").GetString()!;
        var (kind, member) = type switch
        {
            "project.v0" or "project.v1" => (ResourceKind.Project, "path"),
            "container.v0" or "container.v1" => (ResourceKind.Container, "image"),
            "parameter.v0" => (ResourceKind.Parameter, "value"),
            "value.v0" => (ResourceKind.Value, "connectionString"),
            _ => throw new ManifestException($"has {name} of type {type}, which no deployment of ours knows"),
        };
        return new(name, kind, TextOf(json, member) ?? "")
        {
            Environment = PairsOf(json, "env", value => value.GetString()!),
            Args = json.TryGetProperty("args", out var args) ? [.. args.EnumerateArray().Select(arg => arg.GetString()!)] : [],
            Entrypoint = TextOf(json, "entrypoint"),
            ConnectionString = TextOf(json, "connectionString"),
            Bindings = PairsOf(json, "bindings", Binding.Read).ToDictionary(),
            Volumes = json.TryGetProperty("volumes", out var volumes)
                ? [.. volumes.EnumerateArray().Select(volume => KeyValuePair.Create(TextOf(volume, "name")!, TextOf(volume, "target")!))]
                : [],
            IsSecret = kind == ResourceKind.Parameter && json.TryGetProperty("inputs", out var inputs)
                && inputs.EnumerateObject().Any(input => input.Value.TryGetProperty("secret", out var secret) && secret.GetBoolean()),
        };
    }

    private static string? TextOf(JsonElement json, string member) => json.TryGetProperty(member, out var value) ? value.GetString() : null;

    private static IReadOnlyList<KeyValuePair<string, T>> PairsOf<T>(JsonElement json, string member, Func<JsonElement, T> read) =>
        json.TryGetProperty(member, out var all) ? [.. all.EnumerateObject().Select(one => KeyValuePair.Create(one.Name, read(one.Value)))] : [];
}

/// <summary>What a resource is.</summary>
public enum ResourceKind
{
    /// <summary>A program of ours.</summary>
    Project,

    /// <summary>A server from an image.</summary>
    Container,

    /// <summary>What the deployment is asked for.</summary>
    Parameter,

    /// <summary>An expression with a name, such as a database's connection string.</summary>
    Value,
}

/// <summary>A port that a resource listens on.</summary>
/// <param name="Port">Inside its container.</param>
/// <param name="IsExternal">Whether it is reached from outside.</param>
public sealed record Binding(int Port, bool IsExternal)
{
    /// <summary>Where .NET's images listen. A project's binding in the manifest has no port unless one is demanded.</summary>
    public const int DefaultPort = 8080;

    internal static Binding Read(JsonElement json) => new(
        json.TryGetProperty("targetPort", out var target) ? target.GetInt32() : DefaultPort,
        json.TryGetProperty("external", out var external) && external.GetBoolean());
}

/// <summary>The manifest has something that would be lost.</summary>
public sealed class ManifestException(string what) : Exception($"The manifest {what}.");
