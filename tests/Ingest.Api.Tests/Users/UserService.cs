using System.Net.Http.Headers;
using System.Text;

namespace Ingest.Api.Tests.Users;

/// <summary>A service with an admin key and a signing key, and users that each test adds for itself.</summary>
public sealed class UserService(Servers servers) : IAsyncLifetime
{
    public const string AdminKey = "an-admin-key-for-these-tests";
    public const string OtherAdminKey = "another-admin-key-for-these-tests";

    private int _addresses;

    internal IngestService Ingest { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Ingest = await IngestService.StartAsync(
        servers, ("Auth:AdminKeys:0", AdminKey), ("Auth:AdminKeys:1", OtherAdminKey), ("Auth:Jwt:SigningKeys:0", "a-signing-key-for-these-tests-0123456789"));

    public ValueTask DisposeAsync() => Ingest.DisposeAsync();

    /// <summary>Adds one.</summary>
    internal async Task<TestUser> AddAsync(string email)
    {
        var answer = await PostAsync("/api/v1/users", $$"""{"email":"{{email}}"}""", ("X-API-Key", AdminKey));
        Assert.Equal(201, answer.Status);
        return new(answer.Json.GetProperty("user_id").GetInt64(), email, answer.Json.GetProperty("api_key").GetString()!);
    }

    /// <summary>Logs in from an address that nobody else uses, or from the one given.</summary>
    internal Task<Answer> LogInAsync(string email, string key, string? from = null) =>
        PostAsync("/api/v1/auth/login", $$"""{"email":"{{email}}","api_key":"{{key}}"}""", ("X-Forwarded-For", from ?? NewAddress()));

    internal string NewAddress() => $"203.0.113.{Interlocked.Increment(ref _addresses)}";

    internal async Task<Answer> PostAsync(string path, string? body, params (string Name, string Value)[] headers)
    {
        using var content = body is null
            ? null
            : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await Ingest.SendAsync(HttpMethod.Post, path, content, headers);
    }
}

/// <summary>A user, and their key as it was shown.</summary>
internal sealed record TestUser(long Id, string Email, string Key);
