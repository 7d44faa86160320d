using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Benchmarks.Load;

/// <summary>A visitor of the portal, without a screen: has a session, and opens pages whose circuits stay open as blazor.web.js keeps them.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _http;

    public Browser(Uri portal) => _http = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies }) { BaseAddress = portal };

    /// <summary>Fills in a form of the page and sends it, as a log-in does.</summary>
    public async Task SubmitAsync(string path, string form, params (string Name, string Value)[] fields)
    {
        var token = FormToken().Match(await _http.GetStringAsync(path)).Groups[1].Value;
        using var content = new FormUrlEncodedContent(
            [new("__RequestVerificationToken", token), new("_handler", form), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]);
        using var response = await _http.PostAsync(path, content);
        if (response.RequestMessage!.RequestUri!.AbsolutePath == path) throw new BenchmarkException($"{path} did not take the form {form}.");
    }

    /// <summary>Opens a page and its circuit; returns when what is live on it was rendered once.</summary>
    public async Task<OpenPage> OpenAsync(string path)
    {
        var page = new Uri(_http.BaseAddress!, path);
        var html = await _http.GetStringAsync(page);
        var markers = Marker().Matches(html).Select(match => JsonNode.Parse(match.Groups[1].Value)!).Where(marker => marker["descriptor"] is not null).ToList();
        if (markers.Count == 0) throw new BenchmarkException($"Nothing on {path} is live: is the session over?");
        return await OpenPage.StartAsync(page, _cookies, markers, State().Match(html).Groups[1].Value);
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();

    [GeneratedRegex("<!--Blazor:(\\{.*?\\})-->")]
    private static partial Regex Marker();

    [GeneratedRegex("<!--Blazor-Server-Component-State:([^-]*)-->")]
    private static partial Regex State();
}

/// <summary>A page that is open: acknowledges every render, and counts them.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private static readonly TimeSpan FirstRender = TimeSpan.FromSeconds(60);

    private readonly HubConnection _circuit;
    private readonly TaskCompletionSource _rendered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _renders;
    private long _bytes;

    private OpenPage(Uri page, CookieContainer cookies)
    {
        var builder = new HubConnectionBuilder().WithUrl(new Uri(page, "/_blazor"), options => options.Cookies = cookies);
        builder.Services.RemoveAll<IHubProtocol>();
        builder.Services.AddSingleton<IHubProtocol, BlazorPack>();
        _circuit = builder.Build();
        _circuit.On<long, byte[]>("JS.RenderBatch", RenderedAsync);
        _circuit.On<long, string, string, int, long, int>("JS.BeginInvokeJS", (call, function, _, _, _, _) =>
            call == 0 ? Task.CompletedTask : _circuit.SendAsync("EndInvokeJSFromDotNet", call, true, $"[{call},true,{ResultOf(function)}]"));
        _circuit.On<string>("JS.Error", error => _rendered.TrySetException(new BenchmarkException($"The circuit of {page.PathAndQuery} failed: {error}")));
    }

    /// <summary>How often something on it was drawn.</summary>
    public long Renders => Interlocked.Read(ref _renders);

    /// <summary>What was sent for it, in bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Whether its circuit is still there.</summary>
    public bool IsAlive => _circuit.State == HubConnectionState.Connected;

    /// <summary>Does what blazor.web.js does when a page has come: starts a circuit, gives it the page's components, waits for what they draw.</summary>
    /// <param name="page">Its address.</param>
    /// <param name="cookies">The visitor's.</param>
    /// <param name="components">The markers in its text, one a component.</param>
    /// <param name="state">The state that the page has in its text.</param>
    public static async Task<OpenPage> StartAsync(Uri page, CookieContainer cookies, IReadOnlyList<JsonNode> components, string state)
    {
        var open = new OpenPage(page, cookies);
        await open._circuit.StartAsync();
        await open._circuit.InvokeAsync<string>("StartCircuit", new Uri(page, "/").ToString(), page.ToString(), "[]", "");
        var operations = components.Select((marker, i) => new JsonObject { ["type"] = "add", ["ssrComponentId"] = i + 1, ["marker"] = marker.DeepClone() });
        var batch = new JsonObject { ["batchId"] = 1, ["operations"] = new JsonArray([.. operations]) };
        await open._circuit.SendAsync("UpdateRootComponents", batch.ToJsonString(), state);
        await open._rendered.Task.WaitAsync(FirstRender, TimeProvider.System);
        return open;
    }

    public ValueTask DisposeAsync() => _circuit.DisposeAsync();

    // Radzen's charts ask how large they are, and break where nothing is said.
    private static string ResultOf(string function) => function.StartsWith("Radzen.", StringComparison.Ordinal) ? """{"width":600,"height":240}""" : "null";

    private Task RenderedAsync(long batch, byte[] drawn)
    {
        Interlocked.Increment(ref _renders);
        Interlocked.Add(ref _bytes, drawn.Length);
        _rendered.TrySetResult();
        return _circuit.SendAsync("OnRenderCompleted", batch, null);
    }
}
