using System.Globalization;
using AspireWebhooks.Client;
using AspireWebhooks.Client.Models;
using Microsoft.Kiota.Abstractions;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;
using Support;

namespace AppHost.Tests.Api;

/// <summary>The main way through the API by a client that Kiota has generated from the document (tests/ApiClient), and nothing else.</summary>
public class GeneratedClientTests(RunningSystem system)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_webhook_is_sent_and_read()
    {
        var client = Client(new AnonymousAuthenticationProvider());
        var id = $"client_{Guid.NewGuid():N}";

        var accepted = await client.V1.Webhooks.Transactions.PostAsync(
            new NewTransaction { TransactionId = id, SourceAccount = "acc_a", DestinationAccount = "acc_b", Amount = 1500.10m, Currency = "INR" },
            cancellationToken: Stop);
        Assert.Equal((AcceptedTransaction_status.Accepted, id, false), (accepted!.Status, accepted.TransactionId, accepted.Duplicate));

        var transaction = Assert.Single((await client.V1.Transactions[id].GetAsync(cancellationToken: Stop))!);
        Assert.Equal(("1500.10", "INR", Transaction_status.PROCESSING), (transaction.Amount, transaction.Currency, transaction.Status));
        Assert.Equal(TimeSpan.Zero, transaction.CreatedAt!.Value.Offset);

        var first = await client.V1.Transactions.GetAsync(list => list.QueryParameters.Limit = 1, Stop);
        var second = await client.V1.Transactions.GetAsync(list => (list.QueryParameters.Limit, list.QueryParameters.Cursor) = (1, first!.NextCursor), Stop);
        Assert.NotEqual(Assert.Single(first!.Data!).TransactionId, second!.Data!.FirstOrDefault()?.TransactionId);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_user_logs_in_pays_in_and_sees_it_in_their_balance_and_list()
    {
        const string email = "alice@example.com";
        var loggedIn = await Client(new AnonymousAuthenticationProvider()).Api.V1.Auth.Login.PostAsync(
            new Credentials { Email = email, ApiKey = system.KeyOf(email) }, cancellationToken: Stop);
        var client = Client(new BaseBearerTokenAuthenticationProvider(new Token(loggedIn!.AccessToken!)));

        var deposit = await client.Api.V1.Deposits.PostAsync(
            new NewPayment { Amount = 12.34m, Description = "Café" }, post => post.Headers.Add("Idempotency-Key", $"{Guid.NewGuid():N}"), Stop);
        Assert.Equal(("12.34", Payment_type.Deposit, Payment_status.Pending, "Café"), (deposit!.Amount, deposit.Type, deposit.Status, deposit.Description));
        var settled = await Eventually.GetAsync(
            stop => client.Api.V1.Deposits[deposit.Id!.Value].GetAsync(cancellationToken: stop),
            found => found!.Status is Payment_status.Success or Payment_status.Failed, Stop);
        Assert.Equal(deposit.Id, settled!.Id);
        Assert.NotNull(settled.ProcessedAt);

        var balance = await client.Api.V1.Users[loggedIn.UserId!.Value].Balance.GetAsync(cancellationToken: Stop);
        Assert.True(decimal.Parse(balance!.Available!, CultureInfo.InvariantCulture) <= decimal.Parse(balance.BalanceProp!, CultureInfo.InvariantCulture));
        var history = client.Api.V1.Users[loggedIn.UserId!.Value].Transactions;
        var first = await history.GetAsync(list => list.QueryParameters.Limit = 1, Stop);
        Assert.True(first!.HasMore);
        var second = await history.GetAsync(list => (list.QueryParameters.Limit, list.QueryParameters.Cursor) = (1, first.NextCursor), Stop);
        Assert.True(Assert.Single(second!.Items!).Id < Assert.Single(first.Items!).Id);
    }

    [Fact(Timeout = 120_000)]
    public async Task An_error_is_thrown_as_a_problem_with_its_code_its_fields_and_a_message()
    {
        var client = Client(new Key(system.KeyOf("charlie@example.com")));

        var invalid = await Assert.ThrowsAsync<Problem>(() => client.Api.V1.Deposits.PostAsync(
            new NewPayment { Amount = -1 }, post => post.Headers.Add("Idempotency-Key", $"{Guid.NewGuid():N}"), Stop));
        Assert.Equal((422, "validation_failed", 422), (invalid.Status, invalid.Error, invalid.ResponseStatusCode));
        Assert.Contains("amount", invalid.Errors!.AdditionalData.Keys);
        Assert.Equal(invalid.Detail, invalid.Message);

        var missing = await Assert.ThrowsAsync<Problem>(() => client.Api.V1.Deposits[999_999_999_999].GetAsync(cancellationToken: Stop));
        Assert.Equal((404, "not_found"), (missing.Status, missing.Error));
        var closed = await Assert.ThrowsAsync<Problem>(() => client.Admin.DeadLetters.GetAsync(cancellationToken: Stop));
        Assert.Equal((403, "forbidden"), (closed.Status, closed.Error));
    }

    private ApiClient Client(IAuthenticationProvider credential) =>
        new(new HttpClientRequestAdapter(credential, httpClient: system.Client) { BaseUrl = system.Client.BaseAddress!.ToString().TrimEnd('/') });

    /// <summary>Kiota's own takes https alone, also on this machine.</summary>
    private sealed class Key(string key) : IAuthenticationProvider
    {
        public Task AuthenticateRequestAsync(
            RequestInformation request, Dictionary<string, object>? additionalAuthenticationContext = null, CancellationToken cancellationToken = default)
        {
            request.Headers.Add("X-API-Key", key);
            return Task.CompletedTask;
        }
    }

    private sealed class Token(string token) : IAccessTokenProvider
    {
        public AllowedHostsValidator AllowedHostsValidator { get; } = new();

        public Task<string> GetAuthorizationTokenAsync(
            Uri uri, Dictionary<string, object>? additionalAuthenticationContext = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(token);
    }
}
