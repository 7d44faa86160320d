using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Deploy;

/// <summary>
/// The chart's part: <c>model.json</c>, over which its templates go. Names, images, settings and references are all in it and nowhere else in the chart.
/// </summary>
public static class ChartModel
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file's text.</summary>
    public static string Write(DeployModel model) => new JsonObject
    {
        ["services"] = Array(model.Services.Select(ServiceOf)),
        ["servers"] = Array(model.Servers.Select(ServerOf)),
        ["connections"] = Array(model.Connections.Select(connection => new JsonObject
        {
            ["name"] = connection.Name,
            ["server"] = connection.Server ?? "",
            ["text"] = connection.Text,
        })),
        ["parameters"] = Array(model.Parameters.Select(name => JsonValue.Create(name))),
        ["secrets"] = Array(model.Secrets.Select(name => JsonValue.Create(name))),
    }.ToJsonString(Format) + "\n";

    private static JsonObject ServiceOf(Service service) => new()
    {
        ["name"] = service.Name,
        ["image"] = service.Image,
        ["args"] = Array(service.Args.Select(arg => JsonValue.Create(arg))),
        ["runsOnce"] = service.RunsOnce,
        ["port"] = service.Http?.Port ?? 0,
        ["isExternal"] = service.Http?.IsExternal ?? false,
        ["calls"] = Array(service.Calls.Select(name => JsonValue.Create(name))),
        ["environment"] = Array(service.Environment.Select(SettingOf)),
    };

    private static JsonObject ServerOf(Server server) => new()
    {
        ["name"] = server.Name,
        ["image"] = server.Image,
        ["command"] = Array(server.Entrypoint is null ? [] : [JsonValue.Create(server.Entrypoint)]),
        ["args"] = Array(server.Args.Select(arg => JsonValue.Create(arg))),
        ["ports"] = Array(server.Bindings.Select(binding => new JsonObject { ["name"] = binding.Key, ["port"] = binding.Value.Port })),
        ["volumes"] = Array(server.Volumes.Select((volume, index) => new JsonObject { ["name"] = $"data-{index}", ["path"] = volume.Value })),
        ["environment"] = Array(server.Environment.Select(SettingOf)),
    };

    private static JsonObject SettingOf(Setting setting) => new()
    {
        ["name"] = setting.Name,
        [setting.Kind switch
        {
            SettingKind.Text => "value",
            SettingKind.Parameter => "parameter",
            SettingKind.Secret => "secret",
            _ => "connection",
        }] = setting.Value,
    };

    private static JsonArray Array(IEnumerable<JsonNode?> items) => [.. items];
}
