using System.Text.RegularExpressions;

namespace Deploy;

/// <summary>The system as a deployment sees it: what is ours, which servers it stands on, what whoever deploys it has to give.</summary>
/// <param name="Services">Our programs.</param>
/// <param name="Servers">PostgreSQL, Kafka, Redis: those of the AppHost, which a deployment may replace by its own.</param>
/// <param name="Connections">How services reach them, by the connection string's name.</param>
/// <param name="Parameters">What is given and may be read by anybody.</param>
/// <param name="Secrets">What is given and must not.</param>
public sealed partial record DeployModel(
    IReadOnlyList<Service> Services, IReadOnlyList<Server> Servers, IReadOnlyList<Connection> Connections,
    IReadOnlyList<string> Parameters, IReadOnlyList<string> Secrets)
{
    /// <summary>Reads it off the manifest.</summary>
    /// <exception cref="ManifestException">Something has a form that is not known here.</exception>
    public static DeployModel From(Manifest manifest)
    {
        var connections = manifest.Resources.Where(resource => resource.Kind == ResourceKind.Project)
            .SelectMany(project => project.Environment)
            .Select(setting => WholeConnection().Match(setting.Value))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);
        var parameters = manifest.Resources.Where(resource => resource.Kind == ResourceKind.Parameter)
            .ToLookup(resource => resource.IsSecret, resource => resource.Name);
        return new(
            [.. manifest.Resources.Where(resource => resource.Kind == ResourceKind.Project).Select(project => ServiceOf(manifest, project))],
            [.. manifest.Resources.Where(resource => resource.Kind == ResourceKind.Container).Select(container => ServerOf(manifest, container))],
            [.. connections.Select(name => new Connection(name, ServerBehind(manifest, name), Resolve(manifest, manifest[name].ConnectionString!)))],
            [.. parameters[false]],
            [.. parameters[true]]);
    }

    private static Service ServiceOf(Manifest manifest, Resource project) => new(
        project.Name,
        ImageOf(project),
        project.Args,
        project.Bindings.Values.FirstOrDefault(),
        [.. project.Environment.Select(setting => SettingOf(manifest, setting))],
        [.. Calls(manifest, project)]);

    private static Server ServerOf(Manifest manifest, Resource container) => new(
        container.Name,
        container.Text,
        container.Entrypoint,
        container.Args,
        container.Bindings,
        container.Volumes,
        [.. container.Environment.Select(setting => SettingOf(manifest, setting))]);

    // ../Ingest.Api/Ingest.Api.csproj is ingest-api, as in deploy/Images.props.
    private static string ImageOf(Resource project) => Path.GetFileNameWithoutExtension(project.Text).ToLowerInvariant().Replace('.', '-');

    private static IEnumerable<string> Calls(Manifest manifest, Resource project) => project.Environment
        .SelectMany(setting => Reference().Matches(setting.Value))
        .Select(match => match.Groups[1].Value.Split('.')[0])
        .Where(name => name != project.Name && manifest[name].Kind == ResourceKind.Project)
        .Distinct();

    private static Setting SettingOf(Manifest manifest, KeyValuePair<string, string> setting)
    {
        var connection = WholeConnection().Match(setting.Value);
        if (connection.Success) return new(setting.Key, SettingKind.Connection, connection.Groups[1].Value);
        var text = Resolve(manifest, setting.Value);
        var parameter = WholeParameter().Match(text);
        if (parameter.Success)
            return new(setting.Key, manifest[parameter.Groups[1].Value].IsSecret ? SettingKind.Secret : SettingKind.Parameter, parameter.Groups[1].Value);
        if (Reference().IsMatch(text))
            throw new ManifestException($"has {setting.Key}={setting.Value}, text around a parameter, which would end up in plain text");
        return new(setting.Key, SettingKind.Text, text);
    }

    /// <summary>Everything but parameters is known: names and ports of what is deployed are those of the model.</summary>
    private static string Resolve(Manifest manifest, string expression) => Reference().Replace(expression, match =>
        match.Groups[1].Value.Split('.') switch
        {
            [var name, "value"] when manifest[name].Kind == ResourceKind.Parameter => $"{{{name}.value}}",
            [var name, "connectionString"] => Resolve(manifest, manifest[name].ConnectionString ?? throw Unknown(match)),
            [var name, "bindings", _, "host"] => name,
            [var name, "bindings", var binding, "port" or "targetPort"] => $"{manifest[name].Bindings[binding].Port}",
            [var name, "bindings", var binding, "url"] => $"http://{name}:{manifest[name].Bindings[binding].Port}",
            _ => throw Unknown(match),
        });

    private static string? ServerBehind(Manifest manifest, string connection)
    {
        var at = manifest[connection];
        while (at.Kind == ResourceKind.Value && ReferenceAtStart().Match(at.ConnectionString ?? "") is { Success: true } parent)
            at = manifest[parent.Groups[1].Value];
        return at.Kind == ResourceKind.Container ? at.Name : null;
    }

    private static ManifestException Unknown(Match match) => new($"has the expression {match.Value}, whose form is not known");

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^\{([^{}.]+)\.connectionString\}$")]
    private static partial Regex WholeConnection();

    [GeneratedRegex(@"^\{([^{}.]+)\.connectionString\}")]
    private static partial Regex ReferenceAtStart();

    [GeneratedRegex(@"^\{([^{}.]+)\.value\}$")]
    private static partial Regex WholeParameter();
}

/// <summary>A program of ours.</summary>
/// <param name="Name">Its resource's name, by which others reach it.</param>
/// <param name="Image">Its image's repository.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Http">Where it listens; null: it runs to its end.</param>
/// <param name="Environment">Its settings.</param>
/// <param name="Calls">The services that it calls.</param>
public sealed record Service(
    string Name, string Image, IReadOnlyList<string> Args, Binding? Http, IReadOnlyList<Setting> Environment, IReadOnlyList<string> Calls)
{
    /// <summary>Whether it does its work and ends: the migrations.</summary>
    public bool RunsOnce => Http is null;
}

/// <summary>A server from an image.</summary>
/// <param name="Name">Its resource's name, by which services reach it.</param>
/// <param name="Image">With its tag.</param>
/// <param name="Entrypoint">Instead of the image's own.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Bindings">Where it listens.</param>
/// <param name="Volumes">Its data: a name and where it is mounted.</param>
/// <param name="Environment">Its settings.</param>
public sealed record Server(
    string Name, string Image, string? Entrypoint, IReadOnlyList<string> Args, IReadOnlyDictionary<string, Binding> Bindings,
    IReadOnlyList<KeyValuePair<string, string>> Volumes, IReadOnlyList<Setting> Environment);

/// <summary>A connection string.</summary>
/// <param name="Name">As services name it.</param>
/// <param name="Server">The server that it leads to; null: one that is not the AppHost's.</param>
/// <param name="Text">The string, with <c>{NAME.value}</c> for a parameter.</param>
public sealed record Connection(string Name, string? Server, string Text);

/// <summary>An environment variable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Value">The text, or the name of a parameter, a secret or a connection.</param>
public sealed record Setting(string Name, SettingKind Kind, string Value);

/// <summary>What a setting's value is.</summary>
public enum SettingKind
{
    /// <summary>The value itself.</summary>
    Text,

    /// <summary>A parameter's name.</summary>
    Parameter,

    /// <summary>A secret parameter's name.</summary>
    Secret,

    /// <summary>A connection's name.</summary>
    Connection,
}
