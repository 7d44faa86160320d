using Npgsql;

namespace Ingest.Api.Tests.Users;

public sealed class RotateKeyTests(UserService service) : IClassFixture<UserService>
{
    [Fact]
    public async Task A_new_key_takes_the_place_of_the_old_one_at_once()
    {
        var user = await service.AddAsync("rotates@example.com");
        var answer = await RotateAsync(user.Id, ("X-API-Key", user.Key));

        Assert.Equal((200, "no-store"), (answer.Status, answer.Headers["Cache-Control"]));
        Assert.Equal(["user_id", "email", "api_key", "message"], answer.Json.EnumerateObject().Select(member => member.Name));
        var key = answer.Json.GetProperty("api_key").GetString()!;
        Assert.NotEqual(user.Key, key);

        (await RotateAsync(user.Id, ("X-API-Key", user.Key))).IsProblem(401, "unauthorized");
        (await service.LogInAsync(user.Email, user.Key)).IsProblem(401, "invalid_credentials");
        Assert.Equal(200, (await service.LogInAsync(user.Email, key)).Status);
        Assert.Equal(200, (await RotateAsync(user.Id, ("Authorization", $"Bearer {key}"))).Status);
    }

    [Fact]
    public async Task A_user_replaces_their_own_key_alone_and_an_administrator_any()
    {
        var (user, other) = (await service.AddAsync("mine@example.com"), await service.AddAsync("not-mine@example.com"));

        (await RotateAsync(other.Id, ("X-API-Key", user.Key))).IsProblem(403, "forbidden");
        (await RotateAsync(999_999, ("X-API-Key", user.Key))).IsProblem(403, "forbidden");
        (await RotateAsync(other.Id)).IsProblem(401, "unauthorized");
        Assert.Equal(200, (await service.LogInAsync(other.Email, other.Key)).Status);

        Assert.Equal(200, (await RotateAsync(other.Id, ("X-API-Key", UserService.AdminKey))).Status);
        (await RotateAsync(999_999, ("X-API-Key", UserService.AdminKey))).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task Of_twenty_rotations_at_once_by_one_key_one_succeeds_and_its_key_opens()
    {
        var user = await service.AddAsync("at-once@example.com");
        await using var blocking = new NpgsqlConnection(service.Ingest.Database.ConnectionString);
        await blocking.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await blocking.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var locking = new NpgsqlCommand($"SELECT FROM users WHERE id = {user.Id} FOR UPDATE", blocking);
        await locking.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        // All have been let in by the key before one of them replaces it.
        var rotating = Enumerable.Range(0, 20).Select(_ => RotateAsync(user.Id, ("X-API-Key", user.Key))).ToArray();
        await service.Ingest.Database.WaitForBlockedAsync(20);
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        var answers = await Task.WhenAll(rotating);

        var winner = Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(200, (await service.LogInAsync(user.Email, winner.Json.GetProperty("api_key").GetString()!)).Status);
        foreach (var loser in answers.Except([winner])) loser.IsProblem(409, "key_replaced_meanwhile");
    }

    [Fact]
    public async Task A_key_that_was_replaced_after_it_had_opened_replaces_nothing()
    {
        var user = await service.AddAsync("overtaken@example.com");
        await using var blocking = new NpgsqlConnection(service.Ingest.Database.ConnectionString);
        await blocking.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await blocking.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var replace = new NpgsqlCommand($"UPDATE users SET api_key_hash = sha256('another') WHERE id = {user.Id}", blocking);
        await replace.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        Task<Answer>[] overtaken =
        [
            RotateAsync(user.Id, ("X-API-Key", user.Key)),
            RotateAsync(user.Id, ("X-API-Key", UserService.AdminKey)),
            RotateAsync(user.Id, ("X-API-Key", UserService.OtherAdminKey)),
        ];
        await service.Ingest.Database.WaitForBlockedAsync(3);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);

        foreach (var answer in await Task.WhenAll(overtaken)) answer.IsProblem(409, "key_replaced_meanwhile");
        Assert.True(await service.Ingest.Database.ReadAsync<bool>($"SELECT api_key_hash = sha256('another') FROM users WHERE id = {user.Id}"));
        Assert.Equal(200, (await RotateAsync(user.Id, ("X-API-Key", UserService.AdminKey))).Status);
    }

    [Theory]
    [InlineData("/api/v1/users/x/rotate-key")]
    [InlineData("/api/v1/users/99999999999999999999/rotate-key")]
    public async Task What_is_no_id_is_404(string path) => Assert.Equal(404, (await service.PostAsync(path, null, ("X-API-Key", UserService.AdminKey))).Status);

    private Task<Answer> RotateAsync(long id, params (string, string)[] headers) => service.PostAsync($"/api/v1/users/{id}/rotate-key", null, headers);
}
