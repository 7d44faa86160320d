using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Processor.Worker.Tests.Worlds;
using Processor.Worker.Transactions;
using Processor.Worker.Work;

namespace Processor.Worker.Tests.Posting;

[Trait("Kafka", "yes")]
public sealed class PostTransactionsTests : IAsyncLifetime
{
    private readonly Servers _servers;
    private readonly ProcessingOptions _options = new() { Delay = TimeSpan.FromSeconds(1) };
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Problems _problems;
    private World _world = null!;

    public PostTransactionsTests(Servers servers)
    {
        _servers = servers;
        _problems = new(_services.GetRequiredService<IMeterFactory>(), TimeProvider.System, NullLogger<Problems>.Instance);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await World.CreateAsync(_servers);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task The_transaction_is_sent_with_its_id_as_idempotency_key()
    {
        await using var receiver = await Receiver.StartAsync(_ => 204);
        Assert.Equal(Outcome.Processed("txn_1"), await AskAsync(receiver.Url));

        var request = Assert.Single(receiver.Requests);
        Assert.Equal("txn_1", request.Key);
        Assert.Equal("application/json; charset=utf-8", request.ContentType);
        using var document = JsonDocument.Parse(request.Body);
        var body = document.RootElement;
        Assert.Equal(("txn_1", "acc_a", "acc_b", "USD"), (Text("transaction_id"), Text("source_account"), Text("destination_account"), Text("currency")));
        Assert.Equal(12.5m, decimal.Parse(Text("amount"), System.Globalization.CultureInfo.InvariantCulture));

        string Text(string name) => body.GetProperty(name).GetString()!;
    }

    [Theory]
    [InlineData(400)]
    [InlineData(410)]
    [InlineData(413)]
    [InlineData(415)]
    [InlineData(422)]
    [InlineData(499)]
    public async Task A_refusal_is_final_and_says_with_what(int status)
    {
        await using var receiver = await Receiver.StartAsync(_ => status);
        Assert.Equal(Outcome.Failed("txn_1", $"The processor refused the transaction with HTTP {status}."), await AskAsync(receiver.Url));
    }

    [Theory]
    [InlineData(500, 0, 2)]
    [InlineData(503, 1, 4)]
    [InlineData(408, 0, 2)]
    [InlineData(409, 0, 2)]
    [InlineData(425, 0, 2)]
    [InlineData(429, 0, 2)]
    public async Task Anything_else_is_tried_again_after_2_to_the_n_seconds_give_or_take_a_fifth(int status, int attempts, int seconds)
    {
        await using var receiver = await Receiver.StartAsync(_ => status);
        var random = new Random(7);
        var waits = new List<double>();
        for (var i = 0; i < 40; i++)
        {
            var outcome = await AskAsync(receiver.Url, attempts, random, id: $"txn_{i}");
            Assert.Equal(("PROCESSING", $"the processor answered HTTP {status}"), (outcome.Status, outcome.Reason));
            waits.Add(outcome.RetryAfter.TotalSeconds);
        }

        Assert.All(waits, wait => Assert.InRange(wait, seconds * 0.8, seconds * 1.2));
        Assert.True(waits.Max() - waits.Min() > seconds * 0.2, "Those that failed together would come back together.");
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(302)]
    public async Task A_wrong_address_or_key_fails_no_transaction_is_no_attempt_and_is_a_problem_until_another_answer(int status)
    {
        var answer = status;
        await using var receiver = await Receiver.StartAsync(_ => answer);

        var outcome = await AskAsync(receiver.Url, attempts: 2);

        Assert.Equal(("PROCESSING", false), (outcome.Status, outcome.IsCounted));
        Assert.InRange(outcome.RetryAfter, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(6));
        Assert.Contains($"Processing__Url answers HTTP {status}", Assert.Single(_problems.Current), StringComparison.Ordinal);
        answer = 200;
        await AskAsync(receiver.Url, id: "txn_2");
        Assert.Empty(_problems.Current);
    }

    [Fact]
    public async Task A_retry_waits_for_as_long_as_the_processor_asks()
    {
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            context.Response.Headers.RetryAfter = "300";
            return Task.FromResult(429);
        });
        Assert.InRange((await AskAsync(receiver.Url)).RetryAfter, TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(330));
    }

    [Fact]
    public async Task After_the_third_attempt_it_is_given_up()
    {
        await using var receiver = await Receiver.StartAsync(_ => 500);
        Assert.Equal(
            Outcome.Failed("txn_1", "Given up after 3 attempts: at the last one the processor answered HTTP 500."),
            await AskAsync(receiver.Url, attempts: 2));
    }

    [Fact]
    public async Task One_that_does_not_answer_in_time_is_tried_again()
    {
        _options.Timeout = TimeSpan.FromMilliseconds(200);
        await using var receiver = await Receiver.StartAsync(async (_, context) =>
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return 200;
        });
        var outcome = await AskAsync(receiver.Url);
        Assert.Equal(("PROCESSING", "the processor did not answer within 0.2 s"), (outcome.Status, outcome.Reason));
    }

    [Fact]
    public async Task One_that_is_not_there_is_tried_again()
    {
        var outcome = await AskAsync("http://127.0.0.1:1/");
        Assert.Equal(("PROCESSING", "the processor could not be reached (ConnectionError)"), (outcome.Status, outcome.Reason));
    }

    [Fact]
    public async Task What_is_not_due_or_done_or_unknown_is_not_sent()
    {
        await using var receiver = await Receiver.StartAsync(_ => 200);
        await _world.InsertAsync("not_due");
        await _world.InsertAsync("done", age: TimeSpan.FromMinutes(1));
        await _world.ScalarAsync<string>("UPDATE transactions SET status = 'PROCESSED', processed_at = now() WHERE transaction_id = 'done' RETURNING status");

        var processor = Processor(receiver.Url, new Random(1), delay: TimeSpan.FromSeconds(50));
        var outcomes = await processor.ProcessAsync([Record("not_due"), Record("done"), Record("unknown")], Cancelled);

        Assert.Empty(outcomes);
        Assert.Empty(receiver.Requests);
    }

    [Theory]
    [InlineData(64, 4, 1_000, 16)]
    [InlineData(2, 4, 1_000, 1)]
    [InlineData(1_000, 1, 100, 100)]
    public void Batches_in_flight_share_the_requests_that_may_run_at_a_time(int concurrency, int inFlight, int maxBatch, int expected)
    {
        (_options.MaxConcurrency, _options.MaxBatchesInFlight, _options.MaxBatch) = (concurrency, inFlight, maxBatch);
        Assert.Equal(expected, Processor("http://127.0.0.1/", new Random(1), _options.Delay).MaxBatch);
    }

    private static WaitingRecord Record(string id) => new(0, 0, id, default, 0);

    private async Task<Outcome> AskAsync(string url, int attempts = 0, Random? random = null, string id = "txn_1")
    {
        await _world.InsertAsync(id, age: TimeSpan.FromMinutes(1), attempts: attempts);
        return Assert.Single(await Processor(url, random ?? new Random(1), _options.Delay).ProcessAsync([Record(id)], Cancelled));
    }

    private PostTransactions Processor(string url, Random random, TimeSpan delay)
    {
        _options.Url = new Uri(url);
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = _options.Timeout };
        var schedule = Options.Create(new Data.Transactions.TransactionSchedule { Delay = delay });
        return new PostTransactions(http, _world.Database, Options.Create(_options), schedule, _problems, random, TimeProvider.System);
    }
}
