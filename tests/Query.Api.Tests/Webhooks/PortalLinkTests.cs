using Microsoft.Extensions.Options;
using Query.Api.Tests.Lists;
using ServiceDefaults.Authentication;

namespace Query.Api.Tests.Webhooks;

/// <summary>Whoever comes by a portal link sees one customer's, and a key is required where one is configured.</summary>
public sealed class PortalLinkTests(Databases databases) : IAsyncLifetime
{
    private const string Key = "a-key-of-more-than-16-characters", SigningKey = "a-signing-key-for-these-tests-0123456789";

    private readonly Hooks _hooks = new(databases.ConnectionString);
    private readonly string _customer = Customers.NewId();
    private readonly QueryService _query = new(databases.ConnectionString, ("Auth:ApiKeys:0", Key), ("Auth:Jwt:SigningKeys:0", SigningKey));

    public ValueTask InitializeAsync()
    {
        var tokens = new AccessTokens(Options.Create(new JwtOptions { SigningKeys = [SigningKey] }), TimeProvider.System);
        var (token, _) = tokens.IssueForWebhooks(_customer, TimeSpan.FromHours(1));
        _query.Client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _query.DisposeAsync();

    [Fact]
    public async Task Endpoints_deliveries_and_events_are_the_customers_own_and_anothers_are_404()
    {
        var (own, ofOther, ofAll) = (
            await _hooks.AddEndpointAsync(_customer), await _hooks.AddEndpointAsync(Customers.NewId()), await _hooks.AddEndpointAsync(customer: null));
        var happened = await _hooks.AddEventAsync(_customer);
        var mine = await _hooks.AddDeliveryAsync(own, happened: happened);
        var operators = await _hooks.AddDeliveryAsync(ofAll, happened: happened); // The same event, at an endpoint that is not theirs.
        var others = await _hooks.AddDeliveryAsync(ofOther);
        var ofOthers = await _hooks.AddEventAsync("somebody");

        Assert.Equal([own], (await _query.PageAsync("/webhooks/endpoints")).Rows.Ids());
        foreach (var query in (string[])["", $"?customer_id={_customer}", "?status=delivered", $"?event_id=evt_{happened:N}", $"?endpoint_id={own}"])
            Assert.Equal([mine], (await _query.PageAsync($"/webhooks{query}")).Rows.Ids());
        Assert.Empty((await _query.PageAsync($"/webhooks?endpoint_id={ofAll}")).Rows);
        Assert.Equal(own, (await _query.GetJsonAsync($"/webhooks/endpoints/{own}/stats")).GetProperty("endpoint_id").GetGuid());
        Assert.Equal(mine, (await _query.GetJsonAsync($"/webhooks/{mine}")).GetProperty("id").GetGuid());
        foreach (var path in (string[])[$"endpoints/{ofOther}", $"endpoints/{ofAll}", $"endpoints/{ofOther}/stats", $"{operators}", $"{others}"])
            await _query.GetProblemAsync($"/webhooks/{path}", 404);

        var events = await _query.GetJsonAsync("/webhooks/events");
        Assert.Equal($"evt_{happened:N}", Assert.Single(events.GetProperty("data").EnumerateArray()).GetProperty("id").GetString());
        await _query.GetProblemAsync($"/webhooks/events?after=evt_{ofOthers:N}", 422);
        foreach (var path in (string[])["/webhooks", "/webhooks/endpoints", "/webhooks/events"])
        {
            var problem = await _query.GetProblemAsync($"{path}?customer_id=somebody", 422);
            Assert.Contains("leave it out", problem.GetProperty("errors").GetProperty("customer_id")[0].GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_key_sees_everybodys_and_without_a_credential_nothing_is_shown()
    {
        var own = await _hooks.AddEndpointAsync(Customers.NewId());
        string[] paths = ["", $"/{Guid.NewGuid()}", "/endpoints", $"/endpoints/{own}", "/events", "/event-types"];
        _query.Client.DefaultRequestHeaders.Authorization = null;
        foreach (var path in paths) await _query.GetProblemAsync($"/webhooks{path}", 401);

        _query.Client.DefaultRequestHeaders.Add("X-API-Key", Key);
        Assert.Equal(own, (await _query.GetJsonAsync($"/webhooks/endpoints/{own}")).GetProperty("id").GetGuid());
    }
}
