using System.Text.Json;

namespace Query.Api.Tests;

public sealed class OpenApiTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;

    [Fact]
    public async Task The_document_describes_every_parameter_and_answer_of_each_operation()
    {
        var paths = (await Document()).GetProperty("paths");

        Assert.Equal(
            [
                "/admin/dead-letters", "/admin/dead-letters/reasons", "/admin/ledger-check", "/admin/search", "/admin/stats", "/admin/workers",
                "/api/v1/deposits", "/api/v1/deposits/{id}", "/api/v1/users", "/api/v1/users/{user_id}/balance", "/api/v1/users/{user_id}/transactions",
                "/api/v1/withdrawals", "/api/v1/withdrawals/{id}", "/charges", "/charges/{id}", "/charges/{id}/refunds", "/installments/due-installments",
                "/installments/orders", "/installments/orders/{order_id}", "/installments/orders/{order_id}/installments", "/v1/transactions",
                "/v1/transactions/{transaction_id}", "/wallets", "/wallets/{customer_id}", "/wallets/{customer_id}/ledger", "/webhooks",
                "/webhooks/endpoints", "/webhooks/endpoints/{id}", "/webhooks/endpoints/{id}/stats", "/webhooks/event-types", "/webhooks/events",
                "/webhooks/{id}",
            ], paths.EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal));
        AssertDescribed(paths.GetProperty("/v1/transactions/{transaction_id}").GetProperty("get"), ["transaction_id"], ["200", "401", "404", "429", "503"]);
        AssertDescribed(
            paths.GetProperty("/v1/transactions").GetProperty("get"),
            ["status", "account", "created_from", "created_to", "limit", "cursor"], ["200", "401", "422", "429", "503"]);
        AssertDescribed(
            paths.GetProperty("/admin/dead-letters").GetProperty("get"), ["topic", "reason", "limit", "cursor"], ["200", "401", "403", "422", "429", "503"]);
        AssertDescribed(paths.GetProperty("/admin/dead-letters/reasons").GetProperty("get"), ["topic"], ["200", "401", "403", "422", "429", "503"]);
        AssertDescribed(paths.GetProperty("/admin/stats").GetProperty("get"), ["window"], ["200", "401", "403", "422", "429", "503"]);
        AssertDescribed(paths.GetProperty("/admin/ledger-check").GetProperty("get"), ["customer_id"], ["200", "401", "403", "422", "429", "503"]);
        AssertDescribed(paths.GetProperty("/admin/search").GetProperty("get"), ["q"], ["200", "401", "403", "422", "429", "503"]);
        AssertDescribed(paths.GetProperty("/admin/workers").GetProperty("get"), [], ["200", "401", "403", "429", "503"]);
        AssertDescribed(paths.GetProperty("/api/v1/users").GetProperty("get"), ["email", "limit", "cursor"], ["200", "401", "403", "422", "429", "503"]);
        foreach (var type in (string[])["deposits", "withdrawals"])
        {
            AssertDescribed(paths.GetProperty($"/api/v1/{type}/{{id}}").GetProperty("get"), ["id"], ["200", "401", "403", "404", "429", "503"]);
            AssertDescribed(
                paths.GetProperty($"/api/v1/{type}").GetProperty("get"),
                ["user_id", "status", "limit", "offset", "cursor"],
                ["200", "401", "403", "422", "429", "503"]);
        }

        AssertDescribed(paths.GetProperty("/api/v1/users/{user_id}/balance").GetProperty("get"), ["user_id"], ["200", "401", "403", "404", "429", "503"]);
        AssertDescribed(
            paths.GetProperty("/api/v1/users/{user_id}/transactions").GetProperty("get"),
            ["user_id", "type", "status", "limit", "offset", "cursor"], ["200", "401", "403", "404", "422", "429", "503"]);
    }

    [Fact]
    public async Task The_document_describes_wallets_charges_and_installments_and_the_link_of_each_list()
    {
        var paths = (await Document()).GetProperty("paths");
        string[] page = ["limit", "skip", "cursor"], list = ["200", "401", "422", "429", "503"], listOfOne = ["200", "401", "404", "422", "429", "503"];
        (string Path, string[] Parameters, string[] Statuses)[] lists =
        [
            ("/wallets", page, list), ("/wallets/{customer_id}/ledger", ["customer_id", .. page], listOfOne),
            ("/charges", ["customer_id", "status", "installment_order_id", "created_from", "created_to", .. page], list),
            ("/charges/{id}/refunds", ["id", .. page], listOfOne),
            ("/installments/orders", ["customer_id", "status", .. page], list),
            ("/installments/orders/{order_id}/installments", ["order_id", .. page], listOfOne),
            ("/installments/due-installments", ["customer_id", .. page], list), ("/webhooks/endpoints", ["customer_id", .. page], list),
            ("/webhooks", ["event_type", "status", "endpoint_id", "customer_id", "event_id", "from", "to", .. page], list),
        ];
        foreach (var (path, parameters, statuses) in lists)
        {
            var operation = paths.GetProperty(path).GetProperty("get");
            AssertDescribed(operation, parameters, statuses);
            Assert.True(operation.GetProperty("responses").GetProperty("200").GetProperty("headers").TryGetProperty("Link", out _), path);
        }

        AssertDescribed(paths.GetProperty("/wallets/{customer_id}").GetProperty("get"), ["customer_id", "at"], listOfOne);
        AssertDescribed(paths.GetProperty("/charges/{id}").GetProperty("get"), ["id"], ["200", "401", "404", "429", "503"]);
        AssertDescribed(paths.GetProperty("/installments/orders/{order_id}").GetProperty("get"), ["order_id"], ["200", "401", "404", "429", "503"]);
        foreach (var path in (string[])["/webhooks/endpoints/{id}", "/webhooks/{id}"])
            AssertDescribed(paths.GetProperty(path).GetProperty("get"), ["id"], ["200", "401", "404", "429", "503"]);
        AssertDescribed(paths.GetProperty("/webhooks/endpoints/{id}/stats").GetProperty("get"), ["id", "window"], listOfOne);
        AssertDescribed(paths.GetProperty("/webhooks/events").GetProperty("get"), ["after", "event_type", "customer_id", "limit"], list);
        AssertDescribed(paths.GetProperty("/webhooks/event-types").GetProperty("get"), [], ["200", "401", "429", "503"]);
    }

    [Fact]
    public async Task A_member_that_may_be_left_out_is_not_required_and_integers_are_integers()
    {
        var schemas = (await Document()).GetProperty("components").GetProperty("schemas");

        Assert.DoesNotContain("failure_reason", Required(schemas.GetProperty("Transaction")));
        Assert.Contains("processed_at", Required(schemas.GetProperty("Transaction")));
        Assert.DoesNotContain("retry_after", Required(schemas.GetProperty("Problem")));
        Assert.Equal("integer", schemas.GetProperty("Problem").GetProperty("properties").GetProperty("status").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Only_administration_says_that_it_always_needs_a_key()
    {
        var document = await Document();

        Assert.Equal(["AdminKey"], document.GetProperty("paths").GetProperty("/admin/dead-letters").GetProperty("get").GetProperty("security").EnumerateArray()
            .SelectMany(requirement => requirement.EnumerateObject()).Select(scheme => scheme.Name));
        Assert.Contains(
            document.GetProperty("paths").GetProperty("/v1/transactions").GetProperty("get").GetProperty("security").EnumerateArray(),
            way => !way.EnumerateObject().Any()); // No credential is one of the ways.
    }

    [Fact]
    public async Task A_document_of_another_name_is_404() => await _query.GetProblemAsync("/openapi/nobody.json", 404);

    private async Task<JsonElement> Document() => (await _query.GetJsonAsync("/openapi/query.json")).Clone();

    private static IEnumerable<string?> Required(JsonElement schema) => schema.GetProperty("required").EnumerateArray().Select(name => name.GetString());

    private static void AssertDescribed(JsonElement operation, string[] parameters, string[] statuses)
    {
        Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
        Assert.NotEmpty(operation.GetProperty("operationId").GetString()!);
        JsonElement[] described = operation.TryGetProperty("parameters", out var all) ? [.. all.EnumerateArray()] : [];
        Assert.Equal(parameters, described.Select(p => p.GetProperty("name").GetString()));
        Assert.All(described, p => Assert.NotEmpty(p.GetProperty("description").GetString()!));
        Assert.Equal(statuses, operation.GetProperty("responses").EnumerateObject()
            .Select(r => r.Name).Where(status => status != "default").Order(StringComparer.Ordinal));
        Assert.All(
            operation.GetProperty("responses").EnumerateObject(),
            r => Assert.EndsWith(".", r.Value.GetProperty("description").GetString(), StringComparison.Ordinal));
        var content = operation.GetProperty("responses").GetProperty("200").GetProperty("content");
        Assert.True(content.GetProperty("application/json").TryGetProperty("example", out _));
    }
}
