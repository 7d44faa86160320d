using System.Reflection;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Support;

namespace Ingest.Api.Tests;

/// <summary>What happens to the others in a batch. A lock on the table holds the one committer up until they are all in its next batch.</summary>
[Trait("Kafka", "yes")]
public sealed class GroupCommitTests(Servers servers)
{
    private static readonly (string, string)[] OneCommitter = [("Accept:Committers", "1")];

    [Fact]
    public async Task One_row_that_the_database_refuses_is_422_and_its_batch_neighbours_are_202()
    {
        await using var ingest = await IngestService.StartAsync(servers, OneCommitter);
        await ingest.Database.ExecuteAsync(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON transactions FOR EACH ROW WHEN (new.transaction_id LIKE 'bad%') EXECUTE FUNCTION refuse();
            """);

        var answers = await PostAsOneBatchAsync(ingest, ["a", "b", "bad_1", "c", "d", "bad_2", "e", "f", "a"]);

        foreach (var (id, answer) in answers)
        {
            if (id.StartsWith("bad", StringComparison.Ordinal))
                Assert.DoesNotContain("not this one", answer.IsProblem(422, "transaction_rejected").GetRawText(), StringComparison.Ordinal);
            else
                Assert.Equal(202, answer.Status);
        }

        Assert.Equal(["a", "b", "c", "d", "e", "f", "opener"], await ingest.Database.IdsAsync());
    }

    [Theory]
    [InlineData("ALTER TABLE transactions ADD CHECK (source_account <> 'acc_user_789')")]
    [InlineData("ALTER TABLE transactions ALTER currency TYPE varchar(2)")]
    public async Task A_row_that_a_constraint_or_a_type_refuses_is_422(string change)
    {
        await using var ingest = await IngestService.StartAsync(servers);
        await ingest.Database.ExecuteAsync(change);

        (await ingest.PostAsync(IngestService.Body("txn_refused"))).IsProblem(422, "transaction_rejected");
    }

    /// <summary>
    /// A few rows go by the statement that passes over stored ids; many by one that fails at them, and the batches after that by the first again.
    /// </summary>
    [Theory]
    [InlineData(1), InlineData(20)]
    public async Task A_batch_holds_new_webhooks_duplicates_and_conflicts_and_each_gets_its_own_answer(int newOnes)
    {
        await using var ingest = await IngestService.StartAsync(servers, OneCommitter);
        (await ingest.PostAsync(IngestService.Body("stored", "7"))).IsAccepted("stored");

        foreach (var batch in (string[])["first", "second"])
        {
            await using var held = await HoldUpAsync(ingest, $"opener_{batch}");
            var known = (Same: ingest.PostAsync(IngestService.Body("stored", "7.00")), Other: ingest.PostAsync(IngestService.Body("stored", "8")));
            var added = Enumerable.Range(0, newOnes).Select(i => $"{batch}_{i:d2}").ToDictionary(id => id, id => ingest.PostAsync(IngestService.Body(id)));
            await ingest.WaitForWaitingAsync(newOnes + 2);
            await held.DisposeAsync();

            (await known.Same).IsAccepted("stored", duplicate: true);
            (await known.Other).IsProblem(409, "transaction_conflict");
            foreach (var (id, answer) in added) (await answer).IsAccepted(id);
            Assert.Equal(added.Keys.Order(StringComparer.Ordinal), await ingest.Database.IdsAsync(batch));
        }

        Assert.Equal(2 + (2 * newOnes) + 1, await ingest.Database.ReadAsync<long>("SELECT count(*) FROM transactions"));
    }

    [Fact]
    public async Task A_committed_batch_is_never_answered_with_an_error_even_when_publishing_fails_in_a_way_nobody_foresaw()
    {
        var database = new Database(await servers.CreateDatabaseAsync());
        await using var ingest = IngestService.Start(
            database, database.ConnectionString, servers.Broker,
            services => services.AddSingleton(DispatchProxy.Create<IProducer<string, byte[]>, ThrowingProducer>()), OneCommitter);

        var answers = await PostAsOneBatchAsync(ingest, ["a", "b", "c", "d"]);

        Assert.All(answers, answer => answer.Answer.IsAccepted(answer.Id));
        Assert.Equal(["a", "b", "c", "d", "opener"], await database.IdsAsync());
        await Eventually.GetAsync(
            _ => database.ReadAsync<long>("SELECT count(*) FROM transactions WHERE next_publish_at <= now()"),
            due => due == 5,
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Where_more_wait_than_are_allowed_the_next_is_503_at_once_and_nothing_of_it_is_stored()
    {
        await using var ingest = await IngestService.StartAsync(servers, [.. OneCommitter, ("Accept:QueueCapacity", "2")]);
        await using var held = await HoldUpAsync(ingest);
        Task<Answer>[] waiting = [ingest.PostAsync(IngestService.Body("waits_1")), ingest.PostAsync(IngestService.Body("waits_2"))];
        await ingest.WaitForWaitingAsync(2);

        (await ingest.PostAsync(IngestService.Body("too_many"))).IsUnavailable();

        Assert.All(waiting, answer => Assert.False(answer.IsCompleted));
        await held.DisposeAsync();
        foreach (var answer in waiting) Assert.Equal(202, (await answer).Status);
        Assert.Equal(["opener", "waits_1", "waits_2"], await ingest.Database.IdsAsync());
        (await ingest.PostAsync(IngestService.Body("too_many"))).IsAccepted("too_many");
    }

    [Fact]
    public async Task A_sender_that_hangs_up_while_it_waits_disturbs_nobody()
    {
        await using var ingest = await IngestService.StartAsync(servers, OneCommitter);
        await using var held = await HoldUpAsync(ingest);
        using var gone = new HttpClient { BaseAddress = ingest.Client.BaseAddress };
        using var content = new StringContent(IngestService.Body("hung_up"), System.Text.Encoding.UTF8, "application/json");
        var lost = gone.PostAsync(IngestService.Webhooks, content, TestContext.Current.CancellationToken);
        var other = ingest.PostAsync(IngestService.Body("other"));
        await ingest.WaitForWaitingAsync(2);

        gone.CancelPendingRequests();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lost);
        await held.DisposeAsync();

        (await other).IsAccepted("other");
        (await ingest.PostAsync(IngestService.Body("hung_up"))).IsAccepted("hung_up", duplicate: true);
    }

    /// <summary>Locks the table and lets the one committer run into it.</summary>
    private static async Task<IAsyncDisposable> HoldUpAsync(IngestService ingest, string opener = "opener")
    {
        var held = await ingest.Database.LockTransactionsAsync();
        _ = ingest.PostAsync(IngestService.Body(opener));
        await ingest.Database.WaitForBlockedAsync(1);
        return held;
    }

    private static async Task<(string Id, Answer Answer)[]> PostAsOneBatchAsync(IngestService ingest, string[] ids)
    {
        var held = await HoldUpAsync(ingest);
        var sent = ids.Select(id => ingest.PostAsync(IngestService.Body(id))).ToArray();
        await ingest.WaitForWaitingAsync(ids.Length);
        await held.DisposeAsync();
        return [.. ids.Zip(await Task.WhenAll(sent))];
    }

    /// <summary>A producer that takes nothing. Open, because DispatchProxy derives from it.</summary>
    public class ThrowingProducer : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name is nameof(IProducer<,>.Produce) ? throw new InvalidOperationException("no room") : null;
    }
}
