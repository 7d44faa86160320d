using System.Net;
using Support;

namespace Query.Api.Tests;

public sealed class ApiKeyTests(Databases databases)
{
    private const string Key = "a-key-of-more-than-16-characters";

    [Theory]
    [InlineData("/v1/transactions/txn_1")]
    [InlineData("/v1/transactions")]
    [InlineData("/wallets")]
    [InlineData("/wallets/cust_1")]
    [InlineData("/wallets/cust_1/ledger")]
    [InlineData("/charges")]
    [InlineData("/installments/due-installments")]
    public async Task Where_a_key_is_configured_it_is_required(string path)
    {
        await using var query = new QueryService(databases.ConnectionString, ("Auth:ApiKeys:0", Key));

        var problem = await query.GetProblemAsync(path, 401);
        Assert.Equal("unauthorized", problem.GetProperty("error").GetString());

        query.Client.DefaultRequestHeaders.Add("X-API-Key", Key);
        using var response = await query.GetAsync(path);
        Assert.Contains(response.StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.NotFound]);
    }

    [Fact]
    public async Task Health_and_documents_need_no_key()
    {
        await using var query = new QueryService(databases.ConnectionString, ("Auth:ApiKeys:0", Key));

        foreach (var path in (string[])["/health", "/alive", "/openapi/query.json"])
        {
            // Again where it is not: the first connection may take longer than a probe waits.
            using var response = await Eventually.GetAsync(
                _ => query.GetAsync(path), response => response.StatusCode == HttpStatusCode.OK, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task In_Production_it_refuses_to_start_open_to_everybody()
    {
        var refusal = await StartUp.RefusalAsync(
            typeof(Program).Assembly, ("ConnectionStrings:webhooks", databases.ConnectionString), ("environment", "Production"));

        Assert.Contains("Auth__ApiKeys__0", refusal, StringComparison.Ordinal);
    }
}
