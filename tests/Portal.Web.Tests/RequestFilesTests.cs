using System.Text.Json;
using System.Text.RegularExpressions;
using Portal.Web.FrontDoor;

namespace Portal.Web.Tests;

/// <summary>docs/requests: nothing that one may call is missing from the files that people try it with.</summary>
public sealed partial class RequestFilesTests
{
    private static readonly string[] OfTheDoorItself = ["GET /", "GET /health", "GET /alive", "GET /docs", "GET /openapi.json"];

    [Fact]
    public void The_http_files_have_every_path_and_method()
    {
        string[] texts = [.. Directory.EnumerateFiles(Folder(), "*.http").Select(File.ReadAllText)];

        AssertHasAll(texts.SelectMany(text => RequestLine().Matches(text)).Select(match => $"{match.Groups[1].Value} {Normal(match.Groups[2].Value)}"));
        Assert.All(texts, text => Assert.Contains("@base = http://localhost:8000", text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_Postman_collection_has_every_path_and_method_each_with_tests()
    {
        using var collection = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder(), "AspireWebhooks.postman_collection.json")));
        var items = collection.RootElement.GetProperty("item").EnumerateArray().ToList();

        AssertHasAll(items.Select(item => item.GetProperty("request")).Select(request =>
            $"{request.GetProperty("method").GetString()} {Normal(request.GetProperty("url").GetProperty("raw").GetString()!["{{base}}".Length..])}"));
        Assert.All(items, item => Assert.Contains(
            item.GetProperty("event").EnumerateArray(),
            script => script.GetProperty("listen").GetString() == "test"
                && script.GetProperty("script").GetRawText().Contains("pm.test", StringComparison.Ordinal)));
    }

    private static void AssertHasAll(IEnumerable<string> requests)
    {
        var behind = Routes.Table.SelectMany(route => route.Methods.Where(method => method != "HEAD").Select(method => $"{method} {Normal(route.Path)}"));
        Assert.Empty(behind.Concat(OfTheDoorItself).Except(requests));
    }

    /// <summary>Without the query, and with one name for whatever id stands there.</summary>
    private static string Normal(string path) => Id().Replace(path.Split('?')[0], "ID");

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props")))
            folder = folder.Parent ?? throw new InvalidOperationException("Not inside the repository.");
        return Path.Combine(folder.FullName, "docs", "requests");
    }

    [GeneratedRegex("^(GET|POST|PATCH|DELETE) {{base}}(\\S+)", RegexOptions.Multiline)]
    private static partial Regex RequestLine();

    [GeneratedRegex("(?<=^/v1/transactions/).+$|(?<=^/admin/dead-letters/)(?!(?:redrive|reasons|delete)$)[^/]+"
        + "|(?<=^/api/v1/(?:users|deposits|withdrawals)/)[^/]+|(?<=^/(?:wallets|charges)/)[^/]+|(?<=^/installments/(?:orders|installments)/)[^/]+"
        + "|(?<=^/webhooks/endpoints/)[^/]+|(?<=^/webhooks/)(?!(?:endpoints|event-types|events|retry|portal-links|bank-callback|stripe)(?:/|$))[^/]+")]
    private static partial Regex Id();
}
