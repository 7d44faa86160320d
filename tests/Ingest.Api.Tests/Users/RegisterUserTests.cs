namespace Ingest.Api.Tests.Users;

public sealed class RegisterUserTests(UserService service) : IClassFixture<UserService>
{
    private const string Path = "/api/v1/users";

    [Fact]
    public async Task A_user_gets_an_account_and_a_key_that_is_shown_once_and_kept_as_a_hash()
    {
        var answer = await service.PostAsync(Path, """{"email":"Dora@Example.com","currency":"eur"}""", Admin);

        Assert.Equal((201, "no-store"), (answer.Status, answer.Headers["Cache-Control"]));
        Assert.Equal(["user_id", "email", "currency", "api_key", "created_at"], answer.Json.EnumerateObject().Select(member => member.Name));
        var (id, key) = (answer.Json.GetProperty("user_id").GetInt64(), answer.Json.GetProperty("api_key").GetString()!);
        Assert.Equal(("dora@example.com", "EUR"), (answer.Json.GetProperty("email").GetString(), answer.Json.GetProperty("currency").GetString()));
        Assert.Matches("^ak_[A-Za-z0-9_-]{43}$", key);
        Assert.Equal($"/api/v1/users/{id}/balance", answer.Headers["Location"]);

        var database = service.Ingest.Database;
        Assert.Equal(
            "user EUR 0.0000 0.0000",
            await database.ReadAsync<string>($"SELECT concat_ws(' ', kind, currency, balance, held) FROM accounts WHERE owner = 'user:{id}'"));
        Assert.True(await database.ReadAsync<bool>($"SELECT api_key_hash = sha256('{key}') FROM users WHERE id = {id}"));
        Assert.Equal(0, await database.ReadAsync<long>($"SELECT count(*) FROM users WHERE users::text LIKE '%{key}%'"));
        Assert.Equal(200, (await service.LogInAsync("dora@example.com", key)).Status);
    }

    [Fact]
    public async Task No_two_users_have_one_address_or_one_key()
    {
        var one = await service.AddAsync("one@example.com");
        (await service.PostAsync(Path, """{"email":"ONE@example.com"}""", Admin)).IsProblem(409, "already_exists");

        var two = await service.AddAsync("two@example.com");
        Assert.NotEqual(one.Key, two.Key);
        Assert.Equal(200, (await service.LogInAsync("one@example.com", one.Key)).Status);
    }

    [Fact]
    public async Task Many_who_add_the_same_user_at_once_add_one()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => service.PostAsync(Path, """{"email":"race@example.com"}""", Admin)));
        Assert.Equal([201, 409], answers.Select(answer => answer.Status).Distinct().Order());
        Assert.Single(answers, answer => answer.Status == 201);
    }

    [Fact]
    public async Task A_repeat_with_its_key_gets_the_lost_answer_again_and_the_database_does_not_hold_it_in_the_clear()
    {
        const string Body = """{"email":"lost@example.com"}""";
        var lost = await service.PostAsync(Path, Body, Admin, Key("lost"));

        var same = await service.PostAsync(Path, """{ "currency" : "USD", "email" : "lost@example.com" }""", Admin, Key("lost"));

        Assert.Equal(
            (201, lost.Body, lost.Headers["Location"], "true"),
            (same.Status, same.Body, same.Headers["Location"], same.Headers["Idempotency-Replayed"]));
        Assert.Equal("no-store", same.Headers["Cache-Control"]);
        var key = same.Json.GetProperty("api_key").GetString()!;
        Assert.Equal(200, (await service.LogInAsync("lost@example.com", key)).Status);
        Assert.False(await service.Ingest.Database.ReadAsync<bool>($"SELECT position('{key}'::bytea IN body) > 0 FROM idempotency_keys WHERE key = 'lost'"));
    }

    [Fact]
    public async Task A_stored_answer_opens_only_with_the_credential_that_asked_for_it()
    {
        await service.PostAsync(Path, """{"email":"sealed@example.com"}""", Admin, Key("sealed"));

        (await service.PostAsync(Path, """{"email":"sealed@example.com"}""", ("X-API-Key", UserService.OtherAdminKey), Key("sealed")))
            .IsProblem(409, "idempotency_reply_sealed");
        (await service.PostAsync(Path, """{"email":"other@example.org"}""", Admin, Key("sealed"))).IsProblem(422, "idempotency_key_reused");
    }

    [Theory]
    [InlineData("a b"), InlineData("")]
    public async Task A_malformed_key_is_refused_and_nobody_is_added(string key)
    {
        (await service.PostAsync(Path, """{"email":"malformed@example.com"}""", Admin, Key(key))).IsProblem(400, "idempotency_key_malformed");
        Assert.Equal(0, await service.Ingest.Database.ReadAsync<long>("SELECT count(*) FROM users WHERE email = 'malformed@example.com'"));
    }

    [Fact]
    public async Task Only_an_administrator_adds_users()
    {
        var user = await service.AddAsync("no-admin@example.com");
        var chief = await service.AddAsync("admin-user@example.com");
        await service.Ingest.Database.ExecuteAsync($"UPDATE users SET is_admin = true WHERE id = {chief.Id}");
        const string Body = """{"email":"by-whom@example.com"}""";

        (await service.PostAsync(Path, Body)).IsProblem(401, "unauthorized");
        (await service.PostAsync(Path, Body, ("X-API-Key", "ak_of_nobody"))).IsProblem(401, "unauthorized");
        (await service.PostAsync(Path, Body, ("X-API-Key", user.Key))).IsProblem(403, "forbidden");
        var token = (await service.LogInAsync(user.Email, user.Key)).Json.GetProperty("access_token").GetString();
        (await service.PostAsync(Path, Body, ("Authorization", $"Bearer {token}"))).IsProblem(403, "forbidden");
        Assert.Equal(0, await service.Ingest.Database.ReadAsync<long>("SELECT count(*) FROM users WHERE email = 'by-whom@example.com'"));

        var ofChief = (await service.LogInAsync(chief.Email, chief.Key)).Json.GetProperty("access_token").GetString();
        Assert.Equal(201, (await service.PostAsync(Path, Body, ("Authorization", $"Bearer {ofChief}"))).Status);
    }

    [Fact]
    public async Task An_address_that_is_too_long_in_normal_form_is_refused()
    {
        var email = $"{new string('\u0958', 200)}@example.com"; // Two characters each in normal form.
        (await service.PostAsync(Path, $$"""{"email":"{{email}}"}""", Admin)).IsProblem(422, "validation_failed");
        Assert.Equal(401, (await service.LogInAsync(email, "any")).Status);
    }

    [Theory]
    [InlineData(400, "invalid_json", "")]
    [InlineData(400, "invalid_json", "\"dora@example.com\"")]
    [InlineData(422, "validation_failed", "{}", "email")]
    [InlineData(422, "validation_failed", """{"email":null}""", "email")]
    [InlineData(422, "validation_failed", """{"email":"dora"}""", "email")]
    [InlineData(422, "validation_failed", """{"email":"@"}""", "email")]
    [InlineData(422, "validation_failed", """{"email":"a b@example.com"}""", "email")]
    [InlineData(422, "validation_failed", """{"email":"a\u0000@example.com"}""", "email")]
    [InlineData(422, "validation_failed", """{"email":"\ud800@example.com"}""", "email")]
    [InlineData(422, "validation_failed", """{"email":"dora@example.com","currency":"XXX"}""", "currency")]
    [InlineData(422, "validation_failed", """{"email":"dora@example.com","currency":840}""", "currency")]
    [InlineData(422, "validation_failed", """{"currency":""}""", "email,currency")]
    public async Task What_is_no_user_is_refused_and_says_why(int status, string error, string body, string fields = "")
    {
        var problem = (await service.PostAsync(Path, body, Admin)).IsProblem(status, error);
        Assert.Equal(fields, problem.TryGetProperty("errors", out var errors) ? string.Join(',', errors.EnumerateObject().Select(field => field.Name)) : "");
    }

    private static (string, string) Key(string key) => ("Idempotency-Key", key);

    private static (string, string) Admin => ("X-API-Key", UserService.AdminKey);
}
