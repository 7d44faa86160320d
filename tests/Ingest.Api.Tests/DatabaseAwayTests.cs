using Npgsql;
using Support;

namespace Ingest.Api.Tests;

[Trait("Kafka", "yes")]
public sealed class DatabaseAwayTests(Servers servers) : IAsyncLifetime
{
    private Database _database = null!;
    private Cable _cable = null!;

    public async ValueTask InitializeAsync()
    {
        _database = new Database(await servers.CreateDatabaseAsync());
        _cable = new Cable("127.0.0.1", new NpgsqlConnectionStringBuilder(_database.ConnectionString).Port);
    }

    public ValueTask DisposeAsync() => _cable.DisposeAsync();

    [Fact]
    public async Task Without_a_database_webhooks_are_503_and_are_taken_in_again_by_itself_when_it_is_back()
    {
        await using var ingest = Start();
        (await ingest.PostAsync(IngestService.Body("before"))).IsAccepted("before");

        _cable.Cut();
        for (var i = 0; i < 5; i++) (await ingest.PostAsync(IngestService.Body($"lost_{i}"))).IsUnavailable();
        var many = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => ingest.PostAsync(IngestService.Body($"lost_{i}"))));
        Assert.All(many, answer => answer.IsUnavailable());
        Assert.Equal(["before"], await _database.IdsAsync());

        _cable.Plug();
        await AcceptsAsync(ingest, "after");
        Assert.Equal(["after", "before"], await _database.IdsAsync());
    }

    [Fact]
    public async Task A_service_that_starts_before_its_database_works_when_that_is_there()
    {
        _cable.Cut();
        await using var ingest = Start();
        (await ingest.PostAsync(IngestService.Body("early"))).IsUnavailable();

        _cable.Plug();

        await AcceptsAsync(ingest, "early");
    }

    [Fact]
    public async Task A_database_that_hangs_is_a_503_after_the_commit_timeout_and_then_at_once()
    {
        await using var ingest = Start(("Accept:CommitTimeout", "00:00:00.5"));
        await AcceptsAsync(ingest, "before");

        _cable.Block();
        (await ingest.PostAsync(IngestService.Body("stuck"))).IsUnavailable();
        (await ingest.PostAsync(IngestService.Body("stuck"))).IsUnavailable();
        Assert.Equal(0, ingest.Waiting);

        _cable.Unblock();
        await AcceptsAsync(ingest, "after");
    }

    [Fact]
    public async Task A_connection_that_the_server_has_closed_costs_no_webhook()
    {
        await using var ingest = Start();
        for (var i = 0; i < 3; i++)
        {
            (await ingest.PostAsync(IngestService.Body($"txn_{i}"))).IsAccepted($"txn_{i}");
            await _database.ExecuteAsync(
                """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name <> 'test' AND backend_type = 'client backend'
                """);
        }

        Assert.Equal(["txn_0", "txn_1", "txn_2"], await _database.IdsAsync());
    }

    [Theory]
    [InlineData("Host=nowhere.invalid")]
    [InlineData("Host=127.0.0.1;Port=1")]
    [InlineData("Username=nobody")]
    [InlineData("Database=no_such_database")]
    public async Task Whatever_is_wrong_with_the_database_the_service_goes_on_answering_503(string wrong)
    {
        var connectionString = new NpgsqlConnectionStringBuilder($"{_database.ConnectionString};{wrong}").ConnectionString;
        await using var ingest = IngestService.Start(_database, connectionString, servers.Broker, null, ("Accept:Committers", "1"));

        for (var i = 0; i < 3; i++) (await ingest.PostAsync(IngestService.Body("txn"))).IsUnavailable();

        Assert.Equal(200, (await ingest.SendAsync(HttpMethod.Get, "/alive")).Status);
        Assert.Equal(503, (await ingest.SendAsync(HttpMethod.Get, "/health")).Status);
        (await ingest.PostAsync(IngestService.Body("txn", "0"))).IsProblem(422, "validation_failed");
    }

    [Fact]
    public async Task Without_its_schema_it_answers_503_and_goes_on_when_that_is_there()
    {
        await using var ingest = Start();
        await _database.ExecuteAsync("ALTER TABLE transactions RENAME TO away");
        (await ingest.PostAsync(IngestService.Body("txn"))).IsUnavailable();

        await _database.ExecuteAsync("ALTER TABLE away RENAME TO transactions");

        await AcceptsAsync(ingest, "txn");
    }

    private static Task AcceptsAsync(IngestService ingest, string id) => Eventually.GetAsync(
        async _ => await ingest.PostAsync(IngestService.Body(id)), answer => answer.Status == 202, TestContext.Current.CancellationToken);

    // No long wait for a cancelled statement's answer.
    private IngestService Start(params (string, string)[] settings)
    {
        var connection = new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Port = _cable.Port, CancellationTimeout = 100, Timeout = 2 };
        return IngestService.Start(_database, connection.ConnectionString, servers.Broker, null, settings);
    }
}
