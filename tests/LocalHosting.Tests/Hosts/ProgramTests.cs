namespace LocalHosting.Tests.Hosts;

/// <summary>Each program as a person meets it in a terminal: its help, and what it says when it cannot start.</summary>
public sealed class ProgramTests
{
    [Theory]
    [InlineData("AppHost", "--Port=N"), InlineData("Ingest.Api", "ConnectionStrings__broker"), InlineData("Query.Api", "ConnectionStrings__webhooks")]
    [InlineData("Portal.Web", "services__query-api__http__0"), InlineData("Processor.Worker", "--check-ledger"), InlineData("Sandbox", "sign --help")]
    public async Task Help_says_what_the_program_does_and_what_it_needs(string program, string part)
    {
        await using var watched = Watched.Start(Programs.Of(program), ["--help"]);

        Assert.Equal(0, await watched.ExitAsync());

        await watched.LineAsync($"^{program} ");
        Assert.Contains(part, watched.Output);
    }

    [Theory]
    [InlineData("Ingest.Api", "ConnectionStrings__webhooks is missing: set it to PostgreSQL's")]
    [InlineData("Ingest.Api", "ConnectionStrings__broker is missing", "ConnectionStrings__webhooks=Host=x")]
    [InlineData("Ingest.Api", "WEBHOOK_SECRET must have at least 16 characters.", "WEBHOOK_SECRET=foo")]
    [InlineData("Ingest.Api", "'many' at 'Accept:MaxBatch'", "Accept__MaxBatch=many")]
    [InlineData("Query.Api", "ConnectionStrings__webhooks is missing")]
    [InlineData("Portal.Web", "services__ingest-api__http__0 is missing")]
    [InlineData("Processor.Worker", "Relay__Interval must be between", "Relay__Interval=00:00:00")]
    [InlineData("Processor.Worker", "ConnectionStrings__webhooks is missing", "--check-ledger")]
    [InlineData("Processor.Worker", "ConnectionStrings__webhooks is missing", "--migrate")]
    [InlineData("Sandbox", "It runs in Development only, not in Production", "DOTNET_ENVIRONMENT=Production")]
    public async Task A_setting_that_is_missing_or_wrong_is_a_sentence_and_exit_code_1_without_a_stack(string program, string sentence, params string[] given)
    {
        // A connection string that is given and never used: the settings are looked at first.
        var isMissing = sentence.Contains("is missing", StringComparison.Ordinal);
        Dictionary<string, string> settings = new(isMissing ? [] : [new("ConnectionStrings__webhooks", "Host=x"), new("ConnectionStrings__broker", "x:1")])
        {
            ["HOME"] = "/nonexistent",
            ["DOTNET_ENVIRONMENT"] = "Development",
        };
        foreach (var (name, value) in given.Where(one => !one.StartsWith('-')).Select(one => one.Split('=', 2)).Select(pair => (pair[0], pair[1])))
            settings[name] = value;

        await using var watched = Watched.Start(Programs.Of(program), given.Where(one => one.StartsWith('-')), settings, "/tmp");

        Assert.Equal(1, await watched.ExitAsync());
        Assert.Contains(sentence, Assert.Single(watched.Output.Split('\n')));
    }
}
