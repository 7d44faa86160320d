using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Contracts;
using Npgsql;
using Support;

namespace Processor.Worker.Tests.Worlds;

/// <summary>A row as the tests look at it; times by the database's clock.</summary>
public sealed record Row(string Id, string Status, int Attempts, string? FailureReason, TimeSpan? ProcessedAfter, TimeSpan NextPublishIn, bool IsProcessed);

/// <summary>One test's database, consumer group and workers, on servers that are shared.</summary>
public sealed class World : IAsyncDisposable
{
    private readonly Servers _servers;
    private readonly string _broker;
    private readonly List<WorkerHost> _workers = [];
    private readonly IProducer<byte[], byte[]> _producer;

    private World(Servers servers, string broker, string database)
    {
        (_servers, _broker) = (servers, broker);
        ConnectionString = database;
        Database = NpgsqlDataSource.Create(database);
        Offsets = new GroupOffsets(broker, $"test-{Guid.NewGuid():N}");
        _producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = broker,
            Acks = Acks.All,
            LingerMs = 5,
            MessageMaxBytes = 2_000_000,
        }).Build();
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Database { get; }

    public GroupOffsets Offsets { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<World> CreateAsync(Servers servers)
    {
        var database = await servers.CreateDatabaseAsync();
        var world = new World(servers, await servers.TakeBrokerAsync(), database);
        try
        {
            await world.Offsets.BeginAtEndAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync(); // Or nobody else would ever get that broker.
            throw;
        }
    }

    /// <summary>Starts a worker in this process; 1 s of delay unless a setting says otherwise.</summary>
    public WorkerHost StartWorker(TimeProvider? clock = null, params (string Name, string Value)[] settings)
    {
        var worker = new WorkerHost(clock, [.. Settings, .. settings]);
        _workers.Add(worker);
        return worker;
    }

    /// <summary>What a worker of this world is told.</summary>
    public IEnumerable<(string Name, string Value)> Settings =>
    [
        ("ConnectionStrings:webhooks", ConnectionString),
        ("ConnectionStrings:broker", _broker),
        ("Aspire:Confluent:Kafka:Consumer:Config:GroupId", Offsets.Group),
        ("Processing:Delay", "00:00:01"),
        ("Relay:Interval", "00:00:00.200"),
    ];

    /// <summary>Inserts a row as Ingest.Api does and gives back its created_at. <paramref name="publishIn"/>: when it is the relay's.</summary>
    public async Task<DateTime> InsertAsync(string id, TimeSpan age = default, TimeSpan? publishIn = null, string? traceParent = null, int attempts = 0)
    {
        await using var command = Database.CreateCommand(
            """
            INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, created_at, next_publish_at, traceparent, attempts)
            VALUES ($1, 'acc_a', 'acc_b', 12.5, 'USD', now() - $2, now() + $3, $4, $5) RETURNING created_at
            """);
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(age);
        command.Parameters.AddWithValue(publishIn ?? TimeSpan.FromHours(1));
        command.Parameters.AddWithValue((object?)traceParent ?? DBNull.Value);
        command.Parameters.AddWithValue(attempts);
        return (DateTime)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    /// <summary>Publishes a transaction's record as Ingest.Api does.</summary>
    public Task<DeliveryResult<byte[], byte[]>> PublishAsync(string id, DateTime createdAt, string? traceParent = null) => ProduceAsync(
        Encoding.UTF8.GetBytes(id),
        JsonSerializer.SerializeToUtf8Bytes(new TransactionMessage(id, "acc_a", "acc_b", 12.5m, "USD", createdAt), MessageJson.Default.TransactionMessage),
        traceParent: traceParent);

    /// <summary>Publishes any bytes; to the key's partition, or to the one given.</summary>
    public Task<DeliveryResult<byte[], byte[]>> ProduceAsync(
        byte[]? key, byte[]? value, int? partition = null, string? traceParent = null, string topic = Topics.Transactions)
    {
        var message = new Message<byte[], byte[]> { Key = key!, Value = value!, Headers = [] };
        if (traceParent is not null) message.Headers.Add(MessageHeaders.TraceParent, Encoding.ASCII.GetBytes(traceParent));
        var where = new TopicPartition(topic, partition ?? Partition.Any);
        return _producer.ProduceAsync(where, message, Cancelled);
    }

    /// <summary>Inserts and publishes.</summary>
    public async Task AcceptAsync(params IEnumerable<string> ids)
    {
        await Task.WhenAll(ids.Select(async id => await PublishAsync(id, await InsertAsync(id))));
    }

    public async Task<IReadOnlyList<Row>> RowsAsync(CancellationToken cancellationToken)
    {
        await using var command = Database.CreateCommand(
            """
            SELECT transaction_id, status, attempts, failure_reason, processed_at - created_at, next_publish_at - now()
            FROM transactions ORDER BY transaction_id
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<Row>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new Row(
                reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetTimeSpan(4), reader.GetTimeSpan(5), reader.GetString(1) == "PROCESSED"));
        }

        return rows;
    }

    /// <summary>Waits until every row is what it should be; gives them back.</summary>
    public Task<IReadOnlyList<Row>> UntilAllAsync(Func<Row, bool> holds) =>
        Eventually.GetAsync(RowsAsync, rows => rows.Count > 0 && rows.All(holds), Cancelled);

    public Task<IReadOnlyList<Row>> UntilAllProcessedAsync() => UntilAllAsync(row => row.IsProcessed);

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    /// <summary>Takes the database away, as far as a worker can tell: nobody may connect, who is connected is cut off.</summary>
    public async Task CutDatabaseAsync()
    {
        // One after the other: in one transaction who is cut off could connect again before the first takes effect.
        await _servers.RunAsync($"ALTER DATABASE {Name} ALLOW_CONNECTIONS false");
        await EndSessionsAsync();
    }

    /// <summary>Ends every session of the database; who had one may open another.</summary>
    public Task EndSessionsAsync() => _servers.RunAsync($"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{Name}'");

    public Task GiveDatabaseBackAsync() => _servers.RunAsync($"ALTER DATABASE {Name} ALLOW_CONNECTIONS true");

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers) await worker.DisposeAsync();
        _producer.Dispose();
        Offsets.Dispose();
        await Database.DisposeAsync();
        _servers.GiveBrokerBack(_broker);
    }

    private string Name => new NpgsqlConnectionStringBuilder(ConnectionString).Database!;
}
