using Data.Payments;
using Data.Users;
using Npgsql;

namespace Query.Api.Tests.Payments;

/// <summary>A user, with the key that opens what is theirs.</summary>
internal sealed record Payer(long Id, string Key);

/// <summary>Puts users, their money and their payments there as Ingest.Api and the worker would.</summary>
internal static class Payers
{
    private const string Payment =
        """
        INSERT INTO payments (user_id, type, status, amount, currency, description, bank_reference, error_message,
            next_publish_at, created_at, updated_at, processed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now(), $9, $9, CASE WHEN $3 IN ('success', 'failed') THEN $9::timestamptz END)
        RETURNING id
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<Payer> AddUserAsync(string connectionString, string currency = "USD", bool isAdmin = false, decimal balance = 0, decimal held = 0)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var connection = await database.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        var key = ApiKey.New();
        var user = await CreateUser.RunAsync(connection, $"{Guid.NewGuid():N}@example.com", currency, isAdmin, key.Hash, Ct);
        await using var command = new NpgsqlCommand("UPDATE accounts SET balance = $1, held = $2 WHERE owner = $3", connection);
        foreach (var value in new object[] { balance, held, $"user:{user!.Id}" }) command.Parameters.AddWithValue(value);
        await command.ExecuteNonQueryAsync(Ct);
        await transaction.CommitAsync(Ct);
        return new(user.Id, key.Text);
    }

    public static async Task<long> AddPaymentAsync(
        string connectionString,
        Payer payer,
        string type = PaymentType.Deposit,
        string status = PaymentStatus.Success,
        decimal amount = 250,
        string currency = "USD",
        string? description = null,
        string? bankReference = null,
        string? errorMessage = null)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand(Payment);
        foreach (var value in new object?[]
        {
            payer.Id, type, status, amount, currency, description, bankReference, errorMessage, new DateTime(2026, 1, 15, 10, 30, 0, 125, DateTimeKind.Utc),
        }) command.Parameters.AddWithValue(value ?? DBNull.Value);
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }

    /// <summary>Asks as this payer.</summary>
    public static async Task<HttpResponseMessage> AskAsync(this QueryService query, string? key, string path, HttpMethod? method = null)
    {
        var target = new Uri(
            $"{query.Client.BaseAddress!.GetLeftPart(UriPartial.Authority)}{path}",
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, target);
        if (key is not null) request.Headers.Add("X-API-Key", key);
        return await query.Client.SendAsync(request, Ct);
    }

    /// <summary>The body of the answer, which must have that status.</summary>
    public static async Task<System.Text.Json.JsonElement> JsonAsync(this QueryService query, string? key, string path, int status = 200)
    {
        using var response = await query.AskAsync(key, path);
        Assert.Equal(status, (int)response.StatusCode);
        return System.Text.Json.JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(Ct));
    }
}
