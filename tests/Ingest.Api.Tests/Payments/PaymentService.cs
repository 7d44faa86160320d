using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Contracts;
using Data.Ledger;
using Data.Users;
using Npgsql;

namespace Ingest.Api.Tests.Payments;

/// <summary>A service that takes payments in, and users that have money. Each test has users of its own.</summary>
public sealed class PaymentService(Servers servers) : IAsyncLifetime
{
    public const string Secret = "a-secret-that-the-bank-knows";

    private NpgsqlDataSource _database = null!;
    private int _users;
    private int _keys;

    internal IngestService Ingest { get; private set; } = null!;

    internal string Broker => servers.Broker;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Ingest = await IngestService.StartAsync(
            servers, ("WEBHOOK_SECRET", Secret), ("Auth:AdminKeys:0", DeadLetterService.Key), ("Idempotency:Patience", "00:00:30"),
            ("Idempotency:PlaceTimeout", "00:01:00"), ("RateLimits:Enabled", "false"));
        _database = NpgsqlDataSource.Create($"{Ingest.Database.ConnectionString};Application Name=test"); // Not ended with the sessions of the service.

        // The topic is shared by all databases of the assembly: users are told apart in it by ids that no other database has.
        var name = new NpgsqlConnectionStringBuilder(Ingest.Database.ConnectionString).Database!;
        await Ingest.Database.ExecuteAsync($"ALTER TABLE users ALTER COLUMN id RESTART WITH {name[1..]}000");
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await Ingest.DisposeAsync();
    }

    /// <summary>A user who has that much.</summary>
    internal async Task<TestUser> AddUserAsync(decimal balance = 0, string currency = "USD")
    {
        var key = ApiKey.New();
        await using var connection = await _database.OpenConnectionAsync(Cancelled);
        await using var insert = new NpgsqlCommand("INSERT INTO users (email, currency, api_key_hash) VALUES ($1, $2, $3) RETURNING id", connection)
        {
            Parameters = { new() { Value = $"user{Interlocked.Increment(ref _users)}@example.com" }, new() { Value = currency }, new() { Value = key.Hash } },
        };
        var id = (long)(await insert.ExecuteScalarAsync(Cancelled))!;
        var account = await OpenAccount.RunAsync(connection, Accounts.OfUser(id, currency), Cancelled);
        var bank = await OpenAccount.RunAsync(connection, Accounts.OfBank(id, currency), Cancelled);
        if (balance > 0)
        {
            var deposit = new NewTransfer($"test:{id}", "deposit", currency, new Posting(account, balance), new Posting(bank, -balance));
            await PostTransfers.AndCommitAsync(connection, [deposit], Cancelled);
        }

        return new(id, account, key.Text);
    }

    internal string NewKey() => string.Create(CultureInfo.InvariantCulture, $"key-{Interlocked.Increment(ref _keys)}");

    internal Task<Answer> DepositAsync(TestUser user, string body, string? key = null) => PostAsync("/api/v1/deposits", user, body, key ?? NewKey());

    internal Task<Answer> WithdrawAsync(TestUser user, string body, string? key = null) => PostAsync("/api/v1/withdrawals", user, body, key ?? NewKey());

    internal Task<Answer> PostAsync(string path, TestUser user, string body, params string[] keys) => PostAsync(Ingest, path, user, body, keys);

    /// <summary>The same to another service on this database.</summary>
    internal static async Task<Answer> PostAsync(IngestService service, string path, TestUser user, string body, params string[] keys)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await service.SendAsync(HttpMethod.Post, path, content, [("X-API-Key", user.Key), .. keys.Select(key => ("Idempotency-Key", key))]);
    }

    /// <summary>The bank calls back; <paramref name="members"/> is the inside of an object, signed unless a signature is given.</summary>
    internal async Task<Answer> CallBackAsync(string members, string? signature = null)
    {
        var text = new ArrayBufferWriter<byte>();
        if (signature is null && BankSignature.TryCanonicalize(Encoding.UTF8.GetBytes($"{{{members}}}"), text, out _))
            signature = BankSignature.Sign(Secret, text.WrittenSpan);
        using var content = new StringContent($$"""{{{members}},"signature":"{{signature}}"}""", Encoding.UTF8, "application/json");
        return await Ingest.SendAsync(HttpMethod.Post, "/webhooks/bank-callback", content);
    }

    internal async Task<NpgsqlConnection> ConnectAsync() => await _database.OpenConnectionAsync(Cancelled);

    internal static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    /// <summary>balance, held of the user's account.</summary>
    internal Task<string> AccountAsync(TestUser user) =>
        Ingest.Database.ReadAsync<string>($"SELECT trim_scale(balance) || ' ' || trim_scale(held) FROM accounts WHERE id = {user.Account}");

    internal Task<long> CountAsync(TestUser user) => Ingest.Database.ReadAsync<long>($"SELECT count(*) FROM payments WHERE user_id = {user.Id}");

    internal Task<string> StatusAsync(long id) => Ingest.Database.ReadAsync<string>($"SELECT status FROM payments WHERE id = {id}");
}

/// <summary>Somebody with an account and a key.</summary>
internal sealed record TestUser(long Id, long Account, string Key);
