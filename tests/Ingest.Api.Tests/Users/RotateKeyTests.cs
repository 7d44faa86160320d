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

    [Theory]
    [InlineData("/api/v1/users/x/rotate-key")]
    [InlineData("/api/v1/users/99999999999999999999/rotate-key")]
    [InlineData("/api/v1/users/%00/rotate-key")]
    public async Task What_is_no_id_is_404(string path) => Assert.Equal(404, (await service.PostAsync(path, null, ("X-API-Key", UserService.AdminKey))).Status);

    private Task<Answer> RotateAsync(long id, params (string, string)[] headers) => service.PostAsync($"/api/v1/users/{id}/rotate-key", null, headers);
}
