using Support;

namespace Portal.Web.Tests;

public sealed class StartTests
{
    [Theory]
    [InlineData("ingest-api")]
    [InlineData("query-api")]
    [InlineData("processor-worker")]
    public async Task A_service_without_an_address_stops_the_start_and_names_the_setting(string missing)
    {
        var settings = new[] { "ingest-api", "query-api", "processor-worker" }
            .Where(name => name != missing).Select(name => ($"services:{name}:http:0", (string?)FrontDoor.Nowhere)).ToArray();

        var refusal = await StartUp.RefusalAsync(typeof(Program).Assembly, settings);

        Assert.Contains($"services__{missing}__http__0 is missing", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:5001")]
    [InlineData("ftp://localhost")]
    [InlineData("")]
    public async Task An_address_that_cannot_be_called_stops_the_start_and_is_shown(string address)
    {
        var refusal = await StartUp.RefusalAsync(typeof(Program).Assembly, [.. FrontDoor.Services(query: address)]);

        Assert.Contains($"services__query-api__http__0 is '{address}'", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_that_everybody_knows_is_refused_outside_Development()
    {
        (string, string?)[] settings = [.. FrontDoor.Services(), ("Portal:Key", "development-portal-key-change-me"), ("environment", "Production")];

        var refusal = await StartUp.RefusalAsync(typeof(Program).Assembly, settings);

        Assert.Contains("Portal__Key: development-portal-key-change-me is known to everybody", refusal, StringComparison.Ordinal);
    }
}
