using Ingest.Api.Tests.Payments;
using Support;

namespace Ingest.Api.Tests;

/// <summary>Errors of a database that is there and cannot do what is asked: 503 with Retry-After on every write, and no restart to get over them.</summary>
[Trait("Kafka", "yes")]
public sealed class DatabaseFaultTests(PaymentService payments) : IClassFixture<PaymentService>
{
    private const string Body = """{"amount":10}""";

    private Database Database => payments.Ingest.Database;

    [Fact]
    public async Task A_database_that_takes_no_writes_is_503_on_every_write_and_taken_up_again_without_a_restart()
    {
        var user = await payments.AddUserAsync();
        var id = (await payments.DepositAsync(user, Body)).Json.GetProperty("id").GetInt64();
        (await payments.Ingest.PostAsync(IngestService.Body("writable"))).IsAccepted("writable");

        // Sessions that are open stay writable, so the service's are ended, as a switch of the primary ends them.
        await Database.ExecuteAsync("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$");
        await EndSessionsAsync();

        (await payments.Ingest.PostAsync(IngestService.Body("read_only_1"))).IsUnavailable();
        (await payments.Ingest.PostAsync(IngestService.Body("read_only_2"))).IsUnavailable();
        (await payments.DepositAsync(user, Body)).IsUnavailable();
        (await payments.CallBackAsync(Success(id))).IsUnavailable();
        (await payments.PostAsync($"/api/v1/users/{user.Id}/rotate-key", user, "")).IsUnavailable();
        (await payments.PostAsync("/api/v1/users", new TestUser(0, 0, DeadLetterService.Key), """{"email":"read-only@example.com"}""")).IsUnavailable();
        (await DeadLetterService.SendAsync(payments.Ingest, HttpMethod.Delete, "/admin/dead-letters/1")).IsUnavailable();
        var health = await payments.Ingest.SendAsync(HttpMethod.Get, "/health");
        Assert.Equal((503, "unhealthy"), (health.Status, health.Json.GetProperty("checks").GetProperty("database_writable").GetString()));

        // The service's own sessions are read-only still: it drops them and finds the database writable by new ones.
        await Database.ExecuteAsync("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END $$");
        Assert.Equal(202, (await payments.DepositAsync(user, Body)).Status);
        Assert.Equal(200, (await payments.CallBackAsync(Success(id))).Status);
        await Eventually.GetAsync(
            async _ => await payments.Ingest.PostAsync(IngestService.Body("writable_again")),
            answer => answer.Status == 202,
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_migration_that_changes_a_columns_type_costs_no_request_an_error()
    {
        var user = await payments.AddUserAsync();
        for (var i = 0; i < 8; i++) Assert.Equal(202, (await payments.DepositAsync(user, Body)).Status); // Npgsql prepares a statement at its fifth use.

        await Database.ExecuteAsync("ALTER TABLE payments ALTER description TYPE varchar(1000)");
        for (var i = 0; i < 3; i++) Assert.Equal(202, (await payments.DepositAsync(user, Body)).Status);

        await Database.ExecuteAsync("ALTER TABLE transactions ALTER transaction_id TYPE varchar(200)");
        (await payments.Ingest.PostAsync(IngestService.Body("other_type"))).IsAccepted("other_type");
    }

    [Fact]
    public async Task A_deadlock_is_tried_again()
    {
        var user = await payments.AddUserAsync();
        await Database.ExecuteAsync(
            $$"""
            CREATE SEQUENCE tries;
            CREATE FUNCTION deadlock_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('tries') = 1 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF;
                RETURN new;
            END $$;
            CREATE TRIGGER deadlock_once BEFORE INSERT ON payments FOR EACH ROW WHEN (new.user_id = {{user.Id}}) EXECUTE FUNCTION deadlock_once();
            """);

        Assert.Equal(202, (await payments.DepositAsync(user, Body)).Status);

        Assert.Equal((1, 2), (await payments.CountAsync(user), await Database.ReadAsync<long>("SELECT last_value FROM tries")));
    }

    [Theory]
    [InlineData("57014"), InlineData("53100"), InlineData("55P03"), InlineData("58030"), InlineData("57P03")]
    public async Task An_error_that_is_not_the_callers_is_503(string state)
    {
        var user = await payments.AddUserAsync();
        await Database.ExecuteAsync(
            $$"""
            CREATE OR REPLACE FUNCTION fail_{{state}}() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION 'failed' USING ERRCODE = '{{state}}'; END $$;
            CREATE TRIGGER fail_{{state}} BEFORE INSERT ON payments FOR EACH ROW WHEN (new.user_id = {{user.Id}}) EXECUTE FUNCTION fail_{{state}}();
            """);

        (await payments.DepositAsync(user, Body)).IsUnavailable();

        Assert.Equal(0, await payments.CountAsync(user));
    }

    [Fact]
    public async Task Connections_that_the_server_has_closed_cost_no_request()
    {
        var user = await payments.AddUserAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => payments.DepositAsync(user, Body)));

        await EndSessionsAsync();

        for (var i = 0; i < 3; i++) Assert.Equal(202, (await payments.DepositAsync(user, Body)).Status);
    }

    private static string Success(long id) => $"\"transaction_id\":{id},\"status\":\"success\"";


    private Task EndSessionsAsync() => Database.ExecuteAsync(
        """
        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name <> 'test' AND backend_type = 'client backend'
        """);
}
