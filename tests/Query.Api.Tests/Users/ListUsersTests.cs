using System.Text.Json;
using Data.Users;
using Npgsql;
using Query.Api.Tests.Payments;

namespace Query.Api.Tests.Users;

/// <summary>A database of its own, whose users are all of this class.</summary>
public sealed class ListUsersTests(ListUsersTests.Service service) : IClassFixture<ListUsersTests.Service>
{
    private const string Path = "/api/v1/users", Admin = "an-admin-key-for-these-tests", Ordinary = "an-ordinary-key-for-these-tests";

    private readonly QueryService _query = service.Query;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(200)]
    public async Task Pages_show_every_user_once_newest_first(int limit)
    {
        var mine = new List<long>();
        for (var i = 0; i < 3; i++) mine.Add((await service.AddAsync($"page-{limit}-{i}@example.com")).Id);

        var seen = new List<long>();
        for (var cursor = ""; ;)
        {
            var page = await _query.JsonAsync(Admin, $"{Path}?limit={limit}&cursor={cursor}");
            Assert.InRange(page.GetProperty("data").GetArrayLength(), 1, limit);
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(user => user.GetProperty("user_id").GetInt64()));
            Assert.InRange(seen.Count, 0, 100); // A cursor that does not move on would page for ever.
            if (page.GetProperty("next_cursor").GetString() is not { } next) break;
            cursor = next;
        }

        Assert.Equal(seen.Distinct().OrderDescending(), seen);
        Assert.Empty(mine.Except(seen));
    }

    [Fact]
    public async Task A_user_is_found_by_their_address_in_any_case_and_however_its_letters_are_composed_and_no_key_is_shown()
    {
        var (id, key) = await service.AddAsync("j\u00fcrgen@example.com");
        foreach (var typed in (string[])["j\u00fcrgen@example.com", "J\u00dcRGEN@Example.com", "ju\u0308rgen@example.com"])
        {
            var page = await _query.JsonAsync(Admin, $"{Path}?email={Uri.EscapeDataString(typed)}");
            var user = Assert.Single(page.GetProperty("data").EnumerateArray());

            Assert.Equal(["user_id", "email", "currency", "is_admin", "created_at"], user.EnumerateObject().Select(member => member.Name));
            Assert.Equal(
                (id, "j\u00fcrgen@example.com", "USD", false),
                (user.GetProperty("user_id").GetInt64(), user.GetProperty("email").GetString(),
                    user.GetProperty("currency").GetString(), user.GetProperty("is_admin").GetBoolean()));
            Assert.EndsWith("Z", user.GetProperty("created_at").GetString(), StringComparison.Ordinal);
            Assert.DoesNotContain(key[3..], page.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexString(ApiKey.HashOf(key)), page.GetRawText(), StringComparison.OrdinalIgnoreCase);
            Assert.Equal(JsonValueKind.Null, page.GetProperty("next_cursor").ValueKind);
        }

        Assert.Equal(0, (await _query.JsonAsync(Admin, $"{Path}?email=nobody@example.com")).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Only_an_administrator_sees_the_list()
    {
        var (_, key) = await service.AddAsync("curious@example.com");
        var (_, chief) = await service.AddAsync("chief@example.com", isAdmin: true);

        await _query.JsonAsync(null, Path, 401);
        await _query.JsonAsync("ak_of_nobody", Path, 401);
        await _query.JsonAsync(key, Path, 403);
        await _query.JsonAsync(Ordinary, Path, 403);
        Assert.Equal("forbidden", (await _query.JsonAsync(key, $"{Path}?email=chief@example.com", 403)).GetProperty("error").GetString());
        Assert.Equal(1, (await _query.JsonAsync(chief, $"{Path}?email=chief@example.com")).GetProperty("data").GetArrayLength());
        using var head = await _query.AskAsync(Admin, Path, HttpMethod.Head);
        Assert.Equal(200, (int)head.StatusCode);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("cursor=rubbish", "cursor")]
    [InlineData("email=nobody", "email")]
    [InlineData("email=a%00@example.com", "email")]
    [InlineData("email=a@example.com&email=b@example.com", "email")]
    public async Task A_parameter_that_is_not_acceptable_is_named(string query, string parameter) =>
        Assert.Equal([parameter], (await _query.JsonAsync(Admin, $"{Path}?{query}", 422)).GetProperty("errors").EnumerateObject().Select(error => error.Name));

    /// <summary>The service on that database.</summary>
    public sealed class Service(Databases databases) : IAsyncLifetime
    {
        private NpgsqlDataSource? _database;
        private QueryService? _query;

        internal QueryService Query => _query ?? throw new InvalidOperationException("Not yet started.");

        public async ValueTask InitializeAsync()
        {
            var connectionString = await databases.CreateAsync("listed_users");
            _database = NpgsqlDataSource.Create(connectionString);
            _query = new QueryService(connectionString, ("Auth:AdminKeys:0", Admin), ("Auth:ApiKeys:0", Ordinary));
        }

        internal async Task<(long Id, string Key)> AddAsync(string email, bool isAdmin = false)
        {
            var key = ApiKey.New();
            await using var connection = await _database!.OpenConnectionAsync(Ct);
            await using var transaction = await connection.BeginTransactionAsync(Ct);
            var user = await CreateUser.RunAsync(connection, email, "USD", isAdmin, key.Hash, Ct);
            await transaction.CommitAsync(Ct);
            return (user!.Id, key.Text);
        }

        public async ValueTask DisposeAsync()
        {
            if (_query is not null) await _query.DisposeAsync();
            if (_database is not null) await _database.DisposeAsync();
        }
    }
}
