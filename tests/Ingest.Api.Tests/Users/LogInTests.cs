using System.Text;

namespace Ingest.Api.Tests.Users;

public sealed class LogInTests(UserService service, Servers servers) : IClassFixture<UserService>
{
    private const string Path = "/api/v1/auth/login";

    [Fact]
    public async Task A_user_logs_in_by_their_key_and_the_token_opens_what_the_key_opens()
    {
        var user = await service.AddAsync("login@example.com");
        var answer = await service.LogInAsync("login@example.com", user.Key);

        Assert.Equal(200, answer.Status);
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
        var token = answer.Json.GetProperty("access_token").GetString()!;
        Assert.Equal(
            $$"""
            {"user_id":{{user.Id}},"email":"login@example.com","api_key":"{{user.Key}}","message":"You are logged in.",
            "access_token":"{{token}}","token_type":"bearer","expires_in":3600}
            """.ReplaceLineEndings(""),
            answer.Body);
        Assert.Equal(200, (await service.PostAsync($"/api/v1/users/{user.Id}/rotate-key", null, ("Authorization", $"Bearer {token}"))).Status);
    }

    [Theory]
    [InlineData("""{"username":"$email","password":"$key"}""")]
    [InlineData("""{"username":"$email","api_key":"$key"}""")]
    [InlineData("""{"email":"$EMAIL","api_key":"$key"}""")]
    [InlineData("""{"email":"$email","api_key":"$key","username":"somebody else","remember_me":true}""")]
    public async Task Username_and_password_are_the_same_two_and_the_case_of_an_address_is_nothing(string body)
    {
        var user = await service.AddAsync($"same-{Guid.NewGuid():N}@example.com");
        var answer = await service.PostAsync(
            Path,
            body.Replace("$email", user.Email, StringComparison.Ordinal)
                .Replace("$EMAIL", user.Email.ToUpperInvariant(), StringComparison.Ordinal)
                .Replace("$key", user.Key, StringComparison.Ordinal),
            ("X-Forwarded-For", service.NewAddress()));
        Assert.Equal((200, user.Email), (answer.Status, answer.Json.GetProperty("email").GetString()));
    }

    [Theory]
    [InlineData("J\u00fcrgen", "Ju\u0308rgen")]
    [InlineData("ju\u0308rgen.2", "J\u00dcRGEN.2")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c")]
    [InlineData("\u0130zmir", "i\u0307zmir")]
    public async Task An_address_is_one_however_its_letters_are_composed(string registered, string typed)
    {
        var user = await service.AddAsync($"{registered}@example.com");

        var answer = await service.LogInAsync($"{typed}@example.com", user.Key);

        Assert.Equal((200, user.Id), (answer.Status, answer.Json.GetProperty("user_id").GetInt64()));
        (await service.PostAsync("/api/v1/users", $$"""{"email":"{{typed}}@example.com"}""", ("X-API-Key", UserService.AdminKey)))
            .IsProblem(409, "already_exists");
    }

    [Fact]
    public async Task Failures_for_an_address_are_counted_together_however_its_letters_are_composed()
    {
        for (var i = 0; i < 5; i++)
            (await service.LogInAsync(i % 2 == 0 ? "e\u0301ve@example.com" : "\u00c9ve@example.com", "wrong")).IsProblem(401, "invalid_credentials");
        IsRefused(await service.LogInAsync("\u00e9ve@example.com", "wrong"));
    }

    [Fact]
    public async Task An_unknown_user_and_a_wrong_key_get_the_same_answer()
    {
        var user = await service.AddAsync("known@example.com");
        var other = await service.AddAsync("other@example.com");
        string[] answers =
        [
            await TextAsync(await service.LogInAsync("nobody@example.com", user.Key)),
            await TextAsync(await service.LogInAsync("known@example.com", "wrong")),
            await TextAsync(await service.LogInAsync("known@example.com", other.Key)),
            await TextAsync(await service.LogInAsync("known@example.com", user.Key[..^1])),
            await TextAsync(await service.LogInAsync("not an address", user.Key)),
            await TextAsync(await service.LogInAsync(new string('a', 10_000), user.Key)),
            await TextAsync(await service.LogInAsync(@"nul\u0000@example.com", user.Key)),
        ];
        Assert.Single(answers.Distinct());

        static Task<string> TextAsync(Answer answer)
        {
            var problem = answer.IsProblem(401, "invalid_credentials");
            return Task.FromResult(problem.GetProperty("detail").GetString()! + problem.GetProperty("title"));
        }
    }

    [Fact]
    public async Task After_five_failures_for_an_address_it_is_refused_whoever_it_says_it_is()
    {
        var user = await service.AddAsync("address@example.com");
        var address = service.NewAddress();
        for (var i = 0; i < 5; i++) (await service.LogInAsync($"nobody-{i}@example.com", "wrong", address)).IsProblem(401, "invalid_credentials");

        IsRefused(await service.LogInAsync("address@example.com", user.Key, address));
        Assert.Equal(200, (await service.LogInAsync("address@example.com", user.Key)).Status);
    }

    [Fact]
    public async Task After_five_failures_for_an_e_mail_it_is_refused_wherever_they_come_from_also_by_the_right_key()
    {
        var user = await service.AddAsync("guessed@example.com");
        var address = service.NewAddress();
        for (var i = 0; i < 5; i++)
            (await service.LogInAsync(i % 2 == 0 ? "guessed@example.com" : "Guessed@Example.com", "wrong")).IsProblem(401, "invalid_credentials");

        IsRefused(await service.LogInAsync("guessed@example.com", user.Key, address));
        Assert.Equal(401, (await service.LogInAsync("somebody-else@example.com", "wrong", address)).Status);
    }

    [Fact]
    public async Task Logins_that_succeed_are_not_counted()
    {
        var user = await service.AddAsync("often@example.com");
        var address = service.NewAddress();
        for (var i = 0; i < 7; i++) Assert.Equal(200, (await service.LogInAsync("often@example.com", user.Key, address)).Status);
    }

    [Theory]
    [InlineData(400, "invalid_json", "")]
    [InlineData(400, "invalid_json", "{")]
    [InlineData(400, "invalid_json", "[]")]
    [InlineData(400, "invalid_json", "null")]
    [InlineData(422, "validation_failed", "{}", "email,api_key")]
    [InlineData(422, "validation_failed", """{"email":"a@b.c"}""", "api_key")]
    [InlineData(422, "validation_failed", """{"email":"","api_key":""}""", "email,api_key")]
    [InlineData(422, "validation_failed", """{"email":1,"api_key":null}""", "email,api_key")]
    [InlineData(422, "validation_failed", """{"email":"\ud800","api_key":"\udfff"}""", "email,api_key")]
    [InlineData(422, "validation_failed", """{"email":["a@b.c"],"password":{}}""", "email,api_key")]
    public async Task What_is_no_login_is_refused_and_says_why(int status, string error, string body, string fields = "")
    {
        var problem = (await service.PostAsync(Path, body)).IsProblem(status, error);
        Assert.Equal(fields, problem.TryGetProperty("errors", out var errors) ? string.Join(',', errors.EnumerateObject().Select(field => field.Name)) : "");
    }

    [Fact]
    public async Task A_body_that_is_not_JSON_by_its_type_or_too_large_is_refused()
    {
        using var form = new StringContent("email=a&api_key=b", Encoding.UTF8, "application/x-www-form-urlencoded");
        (await service.Ingest.SendAsync(HttpMethod.Post, Path, form)).IsProblem(415, "unsupported_media_type");
        (await service.PostAsync(Path, $$"""{"email":"{{new string('a', 65 * 1024)}}"}""")).IsProblem(413, "payload_too_large");
    }

    [Fact]
    public async Task Without_a_signing_key_nobody_logs_in_and_the_answer_names_the_setting()
    {
        await using var ingest = await IngestService.StartAsync(servers);
        using var body = new StringContent("""{"email":"a@example.com","api_key":"b"}""", Encoding.UTF8, "application/json");
        var answer = await ingest.SendAsync(HttpMethod.Post, Path, body);
        answer.IsUnavailable();
        Assert.Contains("Auth__Jwt__SigningKeys__0", answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_database_away_nobody_is_told_that_their_key_is_wrong()
    {
        await using var ingest = IngestService.Start(
            new Database("Host=127.0.0.1;Port=1;Username=u;Password=p;Database=webhooks"),
            "Host=127.0.0.1;Port=1;Username=u;Password=p;Database=webhooks;Timeout=1", servers.Broker, null,
            ("Auth:Jwt:SigningKeys:0", "a-signing-key-for-these-tests-0123456789"));
        using var body = new StringContent("""{"email":"a@example.com","api_key":"b"}""", Encoding.UTF8, "application/json");
        (await ingest.SendAsync(HttpMethod.Post, Path, body)).IsUnavailable();
        (await ingest.SendAsync(HttpMethod.Post, "/api/v1/users", null, ("X-API-Key", $"ak_{new string('a', 43)}"))).IsUnavailable();
    }

    private static void IsRefused(Answer answer)
    {
        var problem = answer.IsProblem(429, "rate_limited");
        Assert.Equal(answer.Headers["Retry-After"], problem.GetProperty("retry_after").GetRawText());
        Assert.InRange(problem.GetProperty("retry_after").GetInt32(), 1, 60);
        Assert.Equal(("5", "0"), (answer.Headers["X-RateLimit-Limit"], answer.Headers["X-RateLimit-Remaining"]));
        Assert.True(long.TryParse(answer.Headers["X-RateLimit-Reset"], out _));
    }
}
