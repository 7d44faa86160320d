using System.Text.Json;

namespace Ingest.Api.Tests;

public sealed class OpenApiTests(SharedService service) : IClassFixture<SharedService>
{
    private const string Path = "/v1/webhooks/transactions";

    [Fact]
    public async Task The_intake_has_a_name_a_summary_and_every_status_with_its_reason()
    {
        var document = await DocumentAsync();
        Assert.Equal(
            [
                "/admin/dead-letters/delete", "/admin/dead-letters/redrive", "/admin/dead-letters/{id}", "/admin/dead-letters/{id}/redrive",
                "/api/v1/auth/login", "/api/v1/deposits", "/api/v1/users", "/api/v1/users/{user_id}/rotate-key", "/api/v1/withdrawals",
                "/charges", "/charges/{id}/refunds",
                "/installments/installments/{id}/process", "/installments/orders", "/installments/orders/{order_id}/activate",
                "/installments/orders/{order_id}/cancel",
                Path, "/wallets", "/wallets/{customer_id}/credit", "/webhooks/bank-callback",
                "/webhooks/endpoints", "/webhooks/endpoints/{id}", "/webhooks/endpoints/{id}/replay", "/webhooks/endpoints/{id}/rotate-secret",
                "/webhooks/endpoints/{id}/test", "/webhooks/portal-links", "/webhooks/retry", "/webhooks/stripe", "/webhooks/{id}/retry",
            ],
            document.GetProperty("paths").EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal));
        var operation = document.GetProperty("paths").GetProperty(Path).GetProperty("post");

        Assert.Equal("acceptTransaction", operation.GetProperty("operationId").GetString());
        Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
        var responses = operation.GetProperty("responses");
        Assert.Equal(
            ["202", "400", "401", "409", "413", "415", "422", "429", "503"],
            responses.EnumerateObject().Select(response => response.Name).Where(status => status != "default").Order(StringComparer.Ordinal));
        Assert.All(
            responses.EnumerateObject(),
            response => Assert.EndsWith(".", response.Value.GetProperty("description").GetString(), StringComparison.Ordinal));
        Assert.All(
            responses.EnumerateObject().Where(response => response.Name != "202"),
            response => Assert.Equal("#/components/schemas/Problem", Schema(response.Value, "application/problem+json").GetProperty("$ref").GetString()));
    }

    [Theory]
    [InlineData("/admin/dead-letters/{id}/redrive", "post", false, "200", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503")]
    [InlineData("/admin/dead-letters/redrive", "post", true, "200", "400", "401", "403", "413", "415", "422", "429", "503")]
    [InlineData("/admin/dead-letters/delete", "post", true, "200", "400", "401", "403", "413", "415", "422", "429", "503")]
    [InlineData("/admin/dead-letters/{id}", "delete", null, "204", "401", "403", "404", "429", "503")]
    public async Task Administration_says_every_status_with_its_reason_and_that_it_needs_a_key(
        string path, string method, bool? bodyRequired, params string[] statuses)
    {
        var operation = (await DocumentAsync()).GetProperty("paths").GetProperty(path).GetProperty(method);

        Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
        Assert.NotEmpty(operation.GetProperty("operationId").GetString()!);
        Assert.Equal(statuses, operation.GetProperty("responses").EnumerateObject()
            .Select(response => response.Name).Where(status => status != "default").Order(StringComparer.Ordinal));
        Assert.All(
            operation.GetProperty("responses").EnumerateObject(),
            response => Assert.EndsWith(".", response.Value.GetProperty("description").GetString(), StringComparison.Ordinal));
        Assert.Equal("AdminKey", Assert.Single(Assert.Single(operation.GetProperty("security").EnumerateArray()).EnumerateObject()).Name);
        Assert.Equal(bodyRequired is not null, operation.TryGetProperty("requestBody", out var body));
        if (bodyRequired is { } required) Assert.Equal(required, body.TryGetProperty("required", out var said) && said.GetBoolean());
    }

    [Theory]
    [InlineData("/api/v1/auth/login", "", "200", "400", "401", "413", "415", "422", "429", "503")]
    [InlineData("/api/v1/users", "AdminKey or AccessToken", "201", "400", "401", "403", "409", "413", "415", "422", "429", "503")]
    [InlineData("/api/v1/users/{user_id}/rotate-key", "UserKey or AccessToken", "200", "401", "403", "404", "409", "429", "503")]
    public async Task What_users_call_says_every_status_with_its_reason_and_what_it_needs(string path, string needs, params string[] statuses)
    {
        var operation = (await DocumentAsync()).GetProperty("paths").GetProperty(path).GetProperty("post");

        Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
        Assert.Equal(statuses, operation.GetProperty("responses").EnumerateObject()
            .Select(response => response.Name).Where(status => status != "default").Order(StringComparer.Ordinal));
        Assert.All(
            operation.GetProperty("responses").EnumerateObject(),
            response => Assert.EndsWith(".", response.Value.GetProperty("description").GetString(), StringComparison.Ordinal));
        Assert.Equal(needs, operation.TryGetProperty("security", out var security)
            ? string.Join(" or ", security.EnumerateArray().SelectMany(way => way.EnumerateObject()).Select(way => way.Name)) : "");
    }

    [Theory]
    [InlineData("/webhooks/endpoints", "post", "ApiKey or AccessToken", "201", "400", "401", "403", "409", "413", "415", "422", "429", "503")]
    [InlineData("/webhooks/endpoints/{id}", "patch", "ApiKey or AccessToken", "200", "400", "401", "403", "404", "413", "415", "422", "429", "503")]
    [InlineData("/webhooks/endpoints/{id}", "delete", "ApiKey or AccessToken", "204", "401", "403", "404", "429", "503")]
    [InlineData(
        "/webhooks/endpoints/{id}/rotate-secret", "post", "ApiKey or AccessToken", "200", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503")]
    [InlineData("/webhooks/endpoints/{id}/test", "post", "ApiKey or AccessToken", "202", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503")]
    [InlineData(
        "/webhooks/endpoints/{id}/replay", "post", "ApiKey or AccessToken", "202", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503")]
    [InlineData("/webhooks/{id}/retry", "post", "ApiKey or AccessToken", "202", "400", "401", "404", "409", "413", "415", "422", "429", "503")]
    [InlineData("/webhooks/retry", "post", "ApiKey or AccessToken", "202", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503")]
    [InlineData("/webhooks/portal-links", "post", "AdminKey", "200", "400", "401", "403", "413", "415", "422", "429", "503")]
    public async Task Webhooks_say_every_status_with_its_reason_and_what_they_need(string path, string method, string needs, params string[] statuses)
    {
        var operation = (await DocumentAsync()).GetProperty("paths").GetProperty(path).GetProperty(method);

        Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
        Assert.Equal(statuses, operation.GetProperty("responses").EnumerateObject()
            .Select(response => response.Name).Where(status => status != "default").Order(StringComparer.Ordinal));
        Assert.All(
            operation.GetProperty("responses").EnumerateObject(),
            response => Assert.EndsWith(".", response.Value.GetProperty("description").GetString(), StringComparison.Ordinal));
        Assert.Equal(needs, string.Join(
            " or ", operation.GetProperty("security").EnumerateArray().SelectMany(way => way.EnumerateObject()).Select(way => way.Name)));
    }

    [Fact]
    public async Task The_body_has_the_contracts_example_and_all_its_members_are_required()
    {
        var document = await DocumentAsync();
        var body = document.GetProperty("paths").GetProperty(Path).GetProperty("post").GetProperty("requestBody");

        Assert.True(body.GetProperty("required").GetBoolean());
        Assert.True(JsonElement.DeepEquals(
            JsonElement.Parse(
                """
                {"transaction_id":"txn_abc123def456","source_account":"acc_user_789","destination_account":"acc_merchant_456",
                 "amount":1500,"currency":"INR"}
                """),
            body.GetProperty("content").GetProperty("application/json").GetProperty("example")));
        var schema = Resolved(document, Schema(body, "application/json"));
        Assert.Equal(["amount", "currency", "destination_account", "source_account", "transaction_id"], Required(schema));
        Assert.All(schema.GetProperty("properties").EnumerateObject(), member => Assert.NotEmpty(member.Value.GetProperty("description").GetString()!));
        var types = schema.GetProperty("properties").GetProperty("amount").GetProperty("type");
        Assert.Equal(["number", "string"], types.EnumerateArray().Select(type => type.GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_answer_is_described_as_it_is()
    {
        var document = await DocumentAsync();
        var answer = document.GetProperty("paths").GetProperty(Path).GetProperty("post").GetProperty("responses").GetProperty("202");

        Assert.Equal(["duplicate", "status", "transaction_id"], Required(Resolved(document, Schema(answer, "application/json"))));
    }

    private static IEnumerable<string?> Required(JsonElement schema) =>
        schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()).Order(StringComparer.Ordinal);

    private static JsonElement Schema(JsonElement content, string type) => content.GetProperty("content").GetProperty(type).GetProperty("schema");

    private static JsonElement Resolved(JsonElement document, JsonElement schema) =>
        schema.TryGetProperty("$ref", out var name)
            ? document.GetProperty("components").GetProperty("schemas").GetProperty(name.GetString()!.Split('/')[^1])
            : schema;

    private async Task<JsonElement> DocumentAsync()
    {
        var answer = await service.Ingest.SendAsync(HttpMethod.Get, "/openapi/ingest.json");
        Assert.Equal(200, answer.Status);
        return answer.Json;
    }
}
