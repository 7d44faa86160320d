using System.Globalization;
using System.Text.Json;
using Contracts;
using Data.Notices;
using Npgsql;

namespace Data.Tests.Notices;

/// <summary>Each test has a cause of its own, so they share the database; and none of them minds when an hour ends meanwhile.</summary>
public sealed class RaiseNoticeTests(Database database) : IAsyncLifetime
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(database.ConnectionString);
    private readonly string _cause = $"dead_letter:payments:{Guid.NewGuid():N}";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private NewNotice Notice => new(WebhookEvents.OperationsDeadLetter, _cause, "It \"happened\".", "Mend it.", "/admin/dlq?topic=payments");

    /// <summary>An endpoint that asks for the type.</summary>
    public async ValueTask InitializeAsync() => await RunAsync(
        """
        INSERT INTO webhook_endpoints (id, url, event_types, payload_style, secret)
        VALUES (uuid_v7(), 'https://ops.example/', '{operations.dead_letter}', 'envelope', '')
        """);

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task A_cause_that_many_see_at_once_is_one_notice_and_one_event_an_hour()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => RaiseNotice.RunAsync(_source, Notice, Cancelled)));
        await RaiseNotice.RunAsync(_source, Notice, Cancelled);

        var (notices, hours, events, count) = await CountAsync();
        Assert.InRange(notices, 1, 2); // Two when an hour ended meanwhile.
        Assert.Equal((notices, notices), (hours, events));
        Assert.InRange(count, notices, 41);
    }

    [Fact]
    public async Task It_is_counted_and_told_again_in_the_next_hour()
    {
        await RaiseNotice.RunAsync(_source, Notice, Cancelled);
        await RunAsync($"UPDATE notices SET hour = hour - interval '2 h' WHERE cause = '{_cause}'");
        foreach (var _ in Enumerable.Range(0, 3)) await RaiseNotice.RunAsync(_source, Notice, Cancelled);

        var (notices, hours, events, count) = await CountAsync();
        Assert.InRange(notices, 2, 3);
        Assert.Equal((notices, notices), (hours, events));
        Assert.Equal(4, count);
    }

    [Fact]
    public async Task Another_cause_and_another_type_are_told_by_themselves()
    {
        await RaiseNotice.RunAsync(_source, Notice, Cancelled);
        await RaiseNotice.RunAsync(_source, Notice with { Cause = _cause + ":2" }, Cancelled);
        await RaiseNotice.RunAsync(_source, Notice with { Type = WebhookEvents.OperationsWorkOverdue }, Cancelled);

        Assert.Equal(["1", "1", "1"], await database.ReadAsync($"SELECT count::text FROM notices WHERE starts_with(cause, '{_cause}')"));
    }

    [Fact]
    public async Task What_it_belongs_to_is_rolled_back_and_so_is_the_notice()
    {
        await using (var connection = await _source.OpenConnectionAsync(Cancelled))
        {
            await using var transaction = await connection.BeginTransactionAsync(Cancelled);
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { RaiseNotice.Command(Notice) } };
            await batch.ExecuteNonQueryAsync(Cancelled);
            await transaction.RollbackAsync(Cancelled);
        }

        Assert.Equal((0, 0, 0, 0), await CountAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_a_change_it_is_raised_only_when_something_was_changed(bool isThere)
    {
        const string Columns = "instance_id, partitions, lag, waiting, oldest_due_seconds";
        if (isThere) await RunAsync($"INSERT INTO worker_instances ({Columns}) VALUES ('{_cause}', 0, 0, 0, 0)");
        await using var batch = _source.CreateBatch();
        batch.BatchCommands.Add(RaiseNotice.After("DELETE FROM worker_instances WHERE instance_id = $1 RETURNING 1", [Parameter.Text(_cause)], Notice));

        Assert.Equal(isThere, await batch.ExecuteScalarAsync(Cancelled));
        Assert.Equal(isThere ? 1 : 0, (await CountAsync()).Notices);
    }

    [Fact]
    public async Task While_it_is_being_counted_nobody_waits()
    {
        await RaiseNotice.RunAsync(_source, Notice, Cancelled);
        await using var connection = await _source.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        await using var hold = new NpgsqlCommand($"SELECT FROM notices WHERE cause = '{_cause}' FOR UPDATE", connection);
        await hold.ExecuteNonQueryAsync(Cancelled);

        await RaiseNotice.RunAsync(_source, Notice, Cancelled); // It would wait for the transaction, which waits for it.
    }

    [Fact]
    public async Task The_event_has_all_that_the_notice_says()
    {
        await RaiseNotice.RunAsync(_source, Notice with { Detail = "A \0 of a record" }, Cancelled);

        var data = JsonElement.Parse(Assert.Single(await database.ReadAsync(
            $"SELECT e.snapshot::text FROM webhook_events e JOIN notices n ON n.id::text = e.resource_id WHERE n.cause = '{_cause}'")));
        Assert.Equal(
            ["cause", "detail", "what_to_do", "link", "first_seen_at", "count"], data.EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            (_cause, "A  of a record", "Mend it.", "/admin/dlq?topic=payments"), (Text("cause"), Text("detail"), Text("what_to_do"), Text("link")));
        Assert.EndsWith("Z", Text("first_seen_at"), StringComparison.Ordinal);
        Assert.Equal(DateTimeKind.Utc, data.GetProperty("first_seen_at").GetDateTime().Kind);
        Assert.Equal(1, data.GetProperty("count").GetInt64());
        Assert.Equal(["true"], await database.ReadAsync(
            $"SELECT (hour = date_trunc('hour', first_seen_at, 'UTC'))::text FROM notices WHERE cause = '{_cause}'"));

        string Text(string name) => data.GetProperty(name).GetString()!;
    }

    [Fact]
    public async Task Where_no_endpoint_asks_for_notices_there_is_no_event()
    {
        var notice = Notice with { Type = WebhookEvents.OperationsLedgerDifference };
        await RunAsync(
            """
            INSERT INTO webhook_endpoints (id, url, customer_id, event_types, payload_style, secret) VALUES
                (uuid_v7(), 'https://all.example/', NULL, '{}', 'envelope', ''),
                (uuid_v7(), 'https://customer.example/', 'cust_1', '{operations.ledger_difference}', 'envelope', '')
            """);

        await RaiseNotice.RunAsync(_source, notice, Cancelled);

        var (notices, _, events, _) = await CountAsync();
        Assert.Equal((1, 0), (notices, events));
    }

    private Task RunAsync(string sql) => database.RunAsync(sql);

    private async Task<(int Notices, int Hours, int Events, int Count)> CountAsync()
    {
        var row = Assert.Single(await database.ReadAsync(
            $"""
            SELECT count(*) || ' ' || count(DISTINCT hour) || ' '
                || (SELECT count(*) FROM webhook_events WHERE snapshot ->> 'cause' = '{_cause}') || ' ' || coalesce(sum(count), 0)
            FROM notices WHERE cause = '{_cause}'
            """));
        int[] counts = [.. row.Split(' ').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        return (counts[0], counts[1], counts[2], counts[3]);
    }
}
