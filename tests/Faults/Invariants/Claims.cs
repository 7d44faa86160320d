using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Contracts;
using Faults.Running;
using Npgsql;
using Support;

namespace Faults.Invariants;

/// <summary>The claims of payments made since a moment, as their rows show them.</summary>
/// <param name="system">Where.</param>
/// <param name="last">The last payment before that moment.</param>
internal sealed class Claims(RunningSystem system, long last) : IDisposable
{
    /// <summary>Claimed for the first time, and nothing was recorded since: a worker has it in hand. (A later claim looks like the wait before it.)</summary>
    private const string InHand = "status = 'processing' AND claim = 1 AND attempts = 0 AND error_message IS NULL AND bank_reference IS NULL";

    private const string States =
        $"""
        SELECT format('%s not claimed, %s claimed and called for the first time, %s accepted by the bank or asked about, %s waiting or tried again, %s settled',
            count(*) FILTER (WHERE status = 'pending'), count(*) FILTER (WHERE {InHand}),
            count(*) FILTER (WHERE status = 'processing' AND error_message IS NULL AND bank_reference IS NOT NULL),
            count(*) FILTER (WHERE status = 'processing' AND error_message IS NOT NULL), count(*) FILTER (WHERE processed_at IS NOT NULL))
        FROM payments WHERE id >
        """;

    private readonly IProducer<byte[], byte[]> _producer = new ProducerBuilder<byte[], byte[]>(
        new ProducerConfig { BootstrapServers = system.BrokerAddress, Acks = Acks.All }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();

    /// <summary>How many payments are in which state.</summary>
    public Task<string> DescribeAsync(CancellationToken stop) => system.AskAsync<string>($"{States} {last}", stop);

    /// <summary>The payments that a worker has in hand for the first time.</summary>
    public Task<long[]> InHandAsync(CancellationToken stop) => ReadAsync($"id > {last} AND {InHand}", [], stop);

    /// <summary>
    /// Waits until so many are in hand for the first time, or all have been: a bank that answers at once lets few be seen there, one that does not answer all.
    /// </summary>
    public Task UntilInHandAsync(int enough, Task paying, CancellationToken stop) => Eventually.TrueAsync(
        async token => (await InHandAsync(token)).Length >= enough || (paying.IsCompleted && await AreAllClaimedAsync(token)), stop, Settings.Bound);

    /// <summary>Waits until each has been claimed, and the first step of each recorded.</summary>
    public Task UntilNoneIsNewAsync(CancellationToken stop) => Eventually.GetAsync(
        token => ReadAsync($"id > {last} AND (status = 'pending' OR {InHand})", [], token), left => left.Length == 0, stop, Settings.Bound);

    /// <summary>
    /// Waits until the leases of these are over: those of which nothing is recorded then, which a worker has left. A worker that runs has recorded its own long
    /// before.
    /// </summary>
    public async Task<long[]> LeftAsync(long[] ids, CancellationToken stop)
    {
        await Eventually.GetAsync(token => ReadAsync($"id = ANY ($1) AND {InHand} AND due_at > now()", ids, token), open => open.Length == 0, stop);
        return await ReadAsync($"id = ANY ($1) AND {InHand}", ids, stop);
    }

    /// <summary>
    /// Has a worker that runs claim these, as the relay does, but on every partition: their own may be the paused worker's until its session ends. Those that
    /// were claimed; the others were settled by a callback.
    /// </summary>
    public async Task<long[]> TakeOverAsync(long[] ids, CancellationToken stop)
    {
        foreach (var id in ids)
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new PaymentMessage(id, UserId: 1), MessageJson.Default.PaymentMessage);
            for (var partition = 0; partition < Topics.Partitions; partition++)
                await _producer.ProduceAsync(new TopicPartition(Topics.Payments, partition), new() { Key = KeyOf(id), Value = body }, stop);
        }

        await Eventually.GetAsync(token => ReadAsync($"id = ANY ($1) AND {InHand}", ids, token), left => left.Length == 0, stop, Settings.Bound);
        return await ReadAsync("id = ANY ($1) AND claim > 1", ids, stop);
    }

    /// <summary>Those of them that have succeeded.</summary>
    public Task<long[]> SucceededAsync(IReadOnlyList<long> ids, CancellationToken stop) => ReadAsync("id = ANY ($1) AND status = 'success'", [.. ids], stop);

    public void Dispose() => _producer.Dispose();

    private async Task<bool> AreAllClaimedAsync(CancellationToken stop) => (await ReadAsync($"id > {last} AND status = 'pending'", [], stop)).Length == 0;

    private static byte[] KeyOf(long id) => System.Text.Encoding.ASCII.GetBytes(id.ToString(CultureInfo.InvariantCulture));

    private async Task<long[]> ReadAsync(string condition, long[] ids, CancellationToken stop)
    {
        await using var command = system.Database.CreateCommand($"SELECT id FROM payments WHERE {condition} ORDER BY id");
        if (condition.Contains("$1", StringComparison.Ordinal)) command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = ids });
        await using var row = await command.ExecuteReaderAsync(stop);
        var found = new List<long>();
        while (await row.ReadAsync(stop)) found.Add(row.GetInt64(0));
        return [.. found];
    }
}
