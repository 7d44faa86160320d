using System.Net;

namespace AppHost.Tests.Api;

/// <summary>The document that the front door serves is what its services say of themselves.</summary>
public class DocumentTests(RunningSystem system)
{
    private const string Kept = "Portal.Web/Docs/openapi.json";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task The_front_door_serves_one_document_made_of_the_parts_of_all_services()
    {
        var served = await system.Client.GetStringAsync("/openapi.json", Stop);
        var said = await Parts.PutTogetherAsync(system, Stop);
        if (said == served) return;

        var file = Path.Combine(Path.GetTempPath(), "openapi.json");
        await File.WriteAllTextAsync(file, said, Stop);
        Assert.Fail($"{Kept} is not what the services say. Look at the difference, and take theirs: cp {file} {Kept}");
    }

    [Fact(Timeout = 120_000)]
    public async Task It_is_not_sent_again_while_it_is_the_same()
    {
        using var first = await system.Client.GetAsync("/openapi.json", Stop);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi.json");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var again = await system.Client.SendAsync(request, Stop);

        Assert.Equal("application/json", first.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }
}
