using System.Net.Http.Headers;
using System.Text;

namespace Ingest.Api.Tests;

/// <summary>A service with an admin key, and the dead letters that a test puts into its database.</summary>
public sealed class DeadLetterService(Servers servers) : IAsyncLifetime
{
    public const string Key = "an-admin-key-for-these-tests";

    internal IngestService Ingest { get; private set; } = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Ingest = await IngestService.StartAsync(servers, ("Auth:AdminKeys:0", Key));

    /// <summary>Puts one there as the worker would; its id.</summary>
    internal static async Task<long> AddAsync(Database database, byte[]? key, byte[]? value, string reason = "undecodable", string topic = "transactions")
    {
        await using var command = database.CreateCommand(
            """
            INSERT INTO dead_letters (topic, partition, "offset", record_timestamp, key, value, reason, detail)
            VALUES ($1, 0, (SELECT count(*) FROM dead_letters) + 1000000 * random(), now(), $2, $3, $4, 'Why it is here.') RETURNING id
            """);
        foreach (var column in new object?[] { topic, key, value, reason }) command.Parameters.AddWithValue(column ?? DBNull.Value);
        return (long)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    /// <summary>As above, with text.</summary>
    internal Task<long> AddAsync(string? key, string? value, string reason = "undecodable", string topic = "transactions") =>
        AddAsync(Ingest.Database, key is null ? null : Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value), reason, topic);

    /// <summary>Whether the dead letter is still there.</summary>
    internal async Task<bool> IsThereAsync(long id) => await Ingest.Database.ReadAsync<bool>($"SELECT EXISTS (SELECT 1 FROM dead_letters WHERE id = {id})");

    internal Task<Answer> RedriveAsync(long id, string? body = null) => SendAsync(Ingest, HttpMethod.Post, $"/admin/dead-letters/{id}/redrive", body);

    internal Task<Answer> DeleteAsync(long id) => SendAsync(Ingest, HttpMethod.Delete, $"/admin/dead-letters/{id}");

    /// <summary>Sends with the admin key.</summary>
    internal static async Task<Answer> SendAsync(IngestService ingest, HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var content = body is null
            ? null
            : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        return await ingest.SendAsync(method, path, content, ("X-API-Key", Key));
    }

    public ValueTask DisposeAsync() => Ingest.DisposeAsync();
}
