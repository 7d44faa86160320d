using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portal.Web.FrontDoor;
using Support.Api;

namespace Portal.Web.Tests;

/// <summary>
/// What the API's document promises by itself. Whether services keep it is seen where they run: AppHost.Tests.
/// </summary>
public sealed partial class ApiDocumentTests : IAsyncDisposable
{
    private readonly FrontDoor _door = Tests.FrontDoor.Open();

    /// <summary>The credentials that an operation takes: its padlock.</summary>
    private static readonly Dictionary<string, string> Padlocks = new()
    {
        ["acceptTransaction getTransaction listTransactions"] = "none or ApiKey",
        ["createDeposit getDeposit listDeposits createWithdrawal getWithdrawal listWithdrawals getBalance listUserTransactions rotateKey"] =
            "UserKey or AccessToken",
        ["createUser"] = "AdminKey or AccessToken",
        ["listUsers"] = "UserKey or AccessToken",
        ["getStats listWorkers checkLedger search listDeadLetters listDeadLetterReasons redriveDeadLetter redriveDeadLetters deleteDeadLetter "
            + "deleteDeadLetters"] = "AdminKey",
        ["createWallet creditWallet getWallet listWallets getWalletLedger createCharge getCharge listCharges createRefund listRefunds createInstallmentOrder "
            + "activateInstallmentOrder cancelInstallmentOrder processInstallment getInstallmentOrder listInstallmentOrders listInstallments "
            + "listDueInstallments"] = "none or ApiKey",
        ["createWebhookEndpoint listWebhookEndpoints getWebhookEndpoint getWebhookEndpointStats changeWebhookEndpoint deleteWebhookEndpoint "
            + "testWebhookEndpoint replayWebhookEvents rotateWebhookSecret listWebhookDeliveries getWebhookDelivery retryWebhookDelivery "
            + "retryWebhookDeliveries pollWebhookEvents listWebhookEventTypes"] = "none or ApiKey or AccessToken",
        ["createPortalLink"] = "AdminKey",
        ["logIn reportBankResult reportStripeResult getHome getHealth getLiveness getWorkerHealth"] = "",
    };

    public ValueTask DisposeAsync() => _door.DisposeAsync();

    [Fact]
    public async Task Every_service_may_be_away_and_the_document_is_there()
    {
        using var response = await _door.GetAsync("/openapi.json");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEmpty((await ReadAsync()).Operations);
    }

    [Fact]
    public async Task It_has_every_route_of_the_front_door_and_no_other()
    {
        var routes = Routes.Table.SelectMany(route => route.Methods.Where(method => method != "HEAD").Select(method => $"{method} {route.Path}"));

        Assert.Equal(
            routes.Concat(["GET /", "GET /health", "GET /alive"]).Order(StringComparer.Ordinal),
            (await ReadAsync()).Operations.Select(operation => $"{operation.Method} {operation.Path}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_operation_has_the_padlock_of_the_credentials_that_it_takes()
    {
        var locks = Padlocks.SelectMany(group => group.Key.Split(' ').Select(id => $"{id}: {group.Value}"));

        Assert.Equal(locks.Order(StringComparer.Ordinal), (await ReadAsync()).Operations
            .Select(operation => $"{operation.Id}: {string.Join(" or ", operation.Security.Select(scheme => scheme.Length > 0 ? scheme : "none"))}")
            .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Names_are_of_one_style_and_none_is_our_own()
    {
        var document = await ReadAsync();

        Assert.All(document.Operations, operation => Assert.Matches("^[a-z][A-Za-z]+$", operation.Id));
        Assert.Distinct(document.Operations.Select(operation => operation.Id));
        Assert.All(Schemas(document), schema => Assert.DoesNotMatch("Reply|Body|Request|Dto|Of[A-Z]|Json|`", schema.Key));
        Assert.All(Schemas(document).SelectMany(schema => Members(schema.Value!)), member => Assert.Matches("^[a-z][a-z0-9_]*$", member.Key));
        Assert.All(document.Operations, operation => Assert.EndsWith(".", $"{operation.Node["summary"]}.", StringComparison.Ordinal));
        Assert.Empty(Schemas(document)
            .SelectMany(schema => Members(schema.Value!).Where(member => member.Value!["description"] is null))
            .Select(member => member.Key));
    }

    [Fact]
    public async Task Amounts_are_decimals_and_never_doubles()
    {
        var members = Schemas(await ReadAsync())
            .SelectMany(schema => Members(schema.Value!).Select(member => (Schema: schema.Key, member.Key, Node: member.Value!)));

        foreach (var (schema, name, node) in members.Where(member => member.Key is "amount" or "balance" or "available" or "held"))
        {
            // Section 3 answers numbers.
            var isNew = schema.StartsWith("New", StringComparison.Ordinal);
            Assert.Contains(TypesOf(node), isNew ? ["number string"] : (string[])["string", "number"]);
            Assert.True(node["pattern"] is not null || TypesOf(node) == "number", $"{schema}.{name}");
            Assert.True(node["format"]?.GetValue<string>() == "decimal" || TypesOf(node) == "string", $"{schema}.{name}");
        }
    }

    [Theory]
    [InlineData("NewTransaction", "amount currency destination_account source_account transaction_id")]
    [InlineData("NewPayment", "amount")]
    [InlineData("NewUser", "email")]
    [InlineData("Credentials", "api_key email")]
    [InlineData("BankResult", "signature status transaction_id")]
    [InlineData("RepairedRecord", "")]
    [InlineData("Redrive", "topic")]
    [InlineData("DeadLetterDeletion", "topic")]
    [InlineData("Problem", "detail error status title trace_id type")]
    public async Task Only_what_must_be_there_is_required(string schema, string members)
    {
        var required = (await ReadAsync()).Root["components"]!["schemas"]![schema]!["required"]?.AsArray().Select(name => name!.GetValue<string>()) ?? [];

        Assert.Equal(members, string.Join(' ', required.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Every_example_is_right_by_its_schema_and_an_errors_has_its_status()
    {
        var document = await ReadAsync();
        foreach (var operation in document.Operations)
        {
            if (operation.BodySchema is { } body)
                Assert.Empty(document.Faults(body, operation.Node["requestBody"]!["content"]!["application/json"]!["example"], isClosed: true));
            foreach (var parameter in operation.Node["parameters"]?.AsArray() ?? [])
                if (parameter!["example"] is { } value) Assert.Empty(document.Faults(parameter["schema"]!, value, isClosed: true));
            foreach (var (status, response) in operation.Responses)
                foreach (var (type, content) in response["content"]?.AsObject() ?? [])
                    AssertExample(document, $"{operation.Id} {status}", type, content!);
        }

        Assert.Equal(
            "pending",
            document["createDeposit"].Node["responses"]!["202"]!["content"]!["application/json"]!["example"]!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Every_answer_has_its_request_id_and_a_limit_or_a_503_says_when_to_come_again()
    {
        foreach (var operation in (await ReadAsync()).Operations)
        {
            foreach (var (status, response) in operation.Responses)
            {
                var headers = response["headers"]!.AsObject().Select(header => header.Key).ToList();
                Assert.Contains("X-Request-ID", headers);
                if (status is "429" || (status is "503" && response["content"]!["application/problem+json"] is not null))
                    Assert.Contains("Retry-After", headers);
                if (status is "202" && operation.Id.StartsWith("create", StringComparison.Ordinal)) Assert.Contains("Location", headers);
            }
        }
    }

    private static void AssertExample(ApiDocument document, string what, string type, JsonNode content)
    {
        var example = content["example"];
        Assert.True(example is not null, $"{what} has no example.");
        Assert.True(document.Faults(content["schema"]!, example, isClosed: true) is { Count: 0 }, $"{what}: {example}");
        if (type == "application/problem+json") Assert.Equal(what.Split(' ')[1], example["status"]!.GetValue<int>().ToString(CultureInfo.InvariantCulture));
        Assert.Empty(WithoutZ().Matches(example.ToJsonString()));
    }

    private async Task<ApiDocument> ReadAsync()
    {
        using var response = await _door.GetAsync("/openapi.json");
        return ApiDocument.Parse(await response.TextAsync());
    }

    private static JsonObject Schemas(ApiDocument document) => document.Root["components"]!["schemas"]!.AsObject();

    private static JsonObject Members(JsonNode schema) => schema["properties"]?.AsObject() ?? [];

    private static string TypesOf(JsonNode schema) => schema["type"] is JsonArray types
        ? string.Join(' ', types.Select(type => type!.GetValue<string>()).Order(StringComparer.Ordinal))
        : schema["type"]!.GetValue<string>();

    [GeneratedRegex(@"""\d{4}-\d\d-\d\dT[^""]*[^Z""]""")]
    private static partial Regex WithoutZ();
}
