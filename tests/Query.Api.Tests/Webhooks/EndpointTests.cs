using System.Text.Json;
using Query.Api.Tests.Lists;

namespace Query.Api.Tests.Webhooks;

public sealed class EndpointTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;
    private readonly Hooks _hooks = new(databases.ConnectionString);

    [Fact]
    public async Task An_endpoint_is_shown_whole_but_for_its_secrets()
    {
        var customer = Customers.NewId();
        var id = await _hooks.AddEndpointAsync(customer, "flat", "description = 'é <b>', previous_secret_until = '2026-01-16T10:30:00Z'");

        using var response = await _query.GetAsync($"/webhooks/endpoints/{id}");
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            $$"""
            {"id":"{{id}}","url":"https://receiver.example/{{id}}","customer_id":"{{customer}}","event_types":["charge.succeeded","charge.failed"],
            "description":"é <b>","payload_style":"flat","status":"enabled","disabled_because":null,"failing_since":null,"disabled_at":null,
            "previous_secret_until":"2026-01-16T10:30:00Z","created_at":"2026-01-15T10:30:00.125Z","updated_at":null}
            """.ReplaceLineEndings(""),
            body);
        Assert.Equal($"[{body}]", (await _query.GetJsonAsync($"/webhooks/endpoints?customer_id={customer}")).GetRawText());
    }

    [Theory]
    [InlineData("", "enabled", null)]
    [InlineData("failing_since = '2026-01-15T10:30:00Z'", "failing", null)]
    [InlineData("failing_since = '2026-01-15T10:30:00Z', disabled_at = '2026-01-20T10:30:00Z', disabled_because = 'failing'", "disabled", "failing")]
    [InlineData("disabled_at = '2026-01-20T10:30:00Z', disabled_because = 'owner'", "disabled", "owner")]
    public async Task Its_status_says_how_it_does_and_why_it_is_disabled(string columns, string status, string? why)
    {
        var id = await _hooks.AddEndpointAsync(Customers.NewId(), more: columns.Length > 0 ? columns : null);

        var endpoint = await _query.GetJsonAsync($"/webhooks/endpoints/{id}");

        Assert.Equal((status, why), (endpoint.GetProperty("status").GetString(), endpoint.GetProperty("disabled_because").GetString()));
        Assert.Equal(columns.Contains("failing_since", StringComparison.Ordinal), endpoint.GetProperty("failing_since").ValueKind is JsonValueKind.String);
    }

    [Fact]
    public async Task A_list_shows_the_newest_first_and_none_that_was_deleted()
    {
        var customer = Customers.NewId();
        var first = await _hooks.AddEndpointAsync(customer);
        var deleted = await _hooks.AddEndpointAsync(customer, more: "deleted_at = now()");
        var second = await _hooks.AddEndpointAsync(customer);
        var another = await _hooks.AddEndpointAsync(Customers.NewId());
        var nobodys = await _hooks.AddEndpointAsync(customer: null);

        Assert.Equal([second, first], (await _query.PageAsync($"/webhooks/endpoints?customer_id={customer}")).Rows.Ids());
        var all = (await _query.WalkAsync("/webhooks/endpoints?limit=200")).Ids().ToList();
        Assert.Equal([nobodys, another, second, first], all.Where(id => id == first || id == second || id == another || id == nobodys));
        Assert.DoesNotContain(deleted, all);
        await _query.GetProblemAsync($"/webhooks/endpoints/{deleted}", 404);
    }

    [Theory]
    [InlineData("1"), InlineData("%ff"), InlineData("019a6f3e8b1a7c3d9e4f0a1b2c3d4e5f"), InlineData("019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f")]
    public async Task An_unknown_id_and_what_cannot_be_one_are_404(string id)
    {
        var problem = await _query.GetProblemAsync($"/webhooks/endpoints/{id}", 404);

        Assert.Contains("GET /webhooks/endpoints", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
