using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Data;
using LocalHosting.Servers;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Sandbox.Tests.Clock;

/// <summary>The test clock over HTTP, on a database as the services have it.</summary>
public sealed class ClockTests(ClockTests.Postgres postgres) : IClassFixture<ClockTests.Postgres>, IAsyncLifetime
{
    private BankService _sandbox = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await BankService.StartAsync(("ConnectionStrings:webhooks", postgres.ConnectionString));
        await SendAsync(_sandbox, HttpMethod.Delete);
    }

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    [Fact]
    public async Task Until_it_is_turned_it_is_the_real_time()
    {
        var (status, clock) = await SendAsync(_sandbox, HttpMethod.Get);
        Assert.Equal((HttpStatusCode.OK, "00:00:00"), (status, clock.GetProperty("ahead").GetString()));
        Assert.Equal(clock.GetProperty("real_now").GetDateTime(), clock.GetProperty("now").GetDateTime());
    }

    [Fact]
    public async Task What_it_is_turned_by_every_service_sees()
    {
        var (status, clock) = await SendAsync(_sandbox, HttpMethod.Post, """{"advance":"31.00:00:00"}""");

        Assert.Equal((HttpStatusCode.OK, "31.00:00:00"), (status, clock.GetProperty("ahead").GetString()));
        Assert.Equal(TimeSpan.FromDays(31), await postgres.AheadAsync());
        Assert.Equal("31.00:00:00", (await SendAsync(_sandbox, HttpMethod.Get)).Body.GetProperty("ahead").GetString());
    }

    [Fact]
    public async Task It_is_turned_to_a_time()
    {
        var now = (await SendAsync(_sandbox, HttpMethod.Get)).Body.GetProperty("now").GetDateTime();
        var (_, clock) = await SendAsync(_sandbox, HttpMethod.Post, $$"""{"now":"{{now.AddDays(400):yyyy-MM-dd'T'HH:mm:ss'Z'}}"}""");
        Assert.InRange(clock.GetProperty("now").GetDateTime() - now, TimeSpan.FromDays(399.9), TimeSpan.FromDays(400));
    }

    [Fact]
    public async Task Turns_at_the_same_time_add_up()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendAsync(_sandbox, HttpMethod.Post, """{"advance":"P1D"}""")));
        Assert.Equal(TimeSpan.FromDays(10), await postgres.AheadAsync());
    }

    [Fact]
    public async Task It_does_not_go_back_but_to_the_real_time()
    {
        await SendAsync(_sandbox, HttpMethod.Post, """{"advance":"P10D"}""");

        var (status, problem) = await SendAsync(_sandbox, HttpMethod.Post, """{"now":"2020-01-01T00:00:00Z"}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("forward only", problem.GetProperty("errors").GetProperty("now")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromDays(10), await postgres.AheadAsync());

        Assert.Equal("00:00:00", (await SendAsync(_sandbox, HttpMethod.Delete)).Body.GetProperty("ahead").GetString());
        Assert.Equal(TimeSpan.Zero, await postgres.AheadAsync());
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest)]
    [InlineData("""{"advanec":"P1D"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"advance":5}""", HttpStatusCode.BadRequest)]
    [InlineData("{}", HttpStatusCode.UnprocessableEntity)]
    public async Task What_cannot_be_meant_turns_nothing(string body, HttpStatusCode status)
    {
        Assert.Equal(status, (await SendAsync(_sandbox, HttpMethod.Post, body)).Status);
        Assert.Equal(TimeSpan.Zero, await postgres.AheadAsync());
    }

    [Fact]
    public async Task Without_a_database_it_names_the_setting()
    {
        await using var alone = await BankService.StartAsync();
        var (status, problem) = await SendAsync(alone, HttpMethod.Get);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("ConnectionStrings__webhooks", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(BankService sandbox, HttpMethod method, string? body = null)
    {
        using var request = new HttpRequestMessage(method, "/sandbox/clock");
        if (body is not null) request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using var response = await sandbox.Client.SendAsync(request, Cancelled);
        return (response.StatusCode, JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(Cancelled)));
    }

    /// <summary>A migrated database.</summary>
    public sealed class Postgres : IAsyncLifetime
    {
        private LocalServer? _server;

        public string ConnectionString => $"{_server!.ConnectionString};Database=webhooks";

        public async ValueTask InitializeAsync()
        {
            _server = await LocalServer.StartPostgresAsync();
            await using var context = new WebhooksDbContext(new DbContextOptionsBuilder<WebhooksDbContext>().UseNpgsql(ConnectionString).Options);
            await context.Database.MigrateAsync();
        }

        public async ValueTask DisposeAsync()
        {
            if (_server is not null) await _server.DisposeAsync();
        }

        /// <summary>How far services see it ahead, to the second: what passes between two clocks of one statement is nothing.</summary>
        public async Task<TimeSpan> AheadAsync()
        {
            await using var database = NpgsqlDataSource.Create(ConnectionString);
            await using var command = database.CreateCommand("SELECT business_now() - now()");
            return (TimeSpan)(await command.ExecuteScalarAsync(Cancelled))!;
        }
    }
}
