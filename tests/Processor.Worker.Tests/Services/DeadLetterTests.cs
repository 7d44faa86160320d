using System.Text;
using Confluent.Kafka;
using Contracts;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Services;

[Trait("Kafka", "yes")]
public sealed class DeadLetterTests(Servers servers) : IAsyncLifetime
{
    private World _world = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await World.CreateAsync(servers);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Records_that_are_no_transactions_go_aside_and_the_good_ones_between_them_are_on_time()
    {
        _world.StartWorker();
        var partition = (await GoodAsync("good_0")).Partition.Value;
        (byte[]? Key, byte[]? Value)[] rubbish =
        [
            ("k"u8.ToArray(), "{\"transaction_id\":\"trunc"u8.ToArray()),
            ("k"u8.ToArray(), []),
            ("k"u8.ToArray(), null),
            (null, Encoding.UTF8.GetBytes(Body("no_key"))),
            ("other"u8.ToArray(), Encoding.UTF8.GetBytes(Body("mismatch"))),
            ("a\0b"u8.ToArray(), Encoding.UTF8.GetBytes(Body("a\\u0000b"))),
            ("k"u8.ToArray(), [0xff, 0xfe, 0x00]),
            ("big"u8.ToArray(), new byte[1_000_000]),
        ];
        foreach (var (key, value) in rubbish) await _world.ProduceAsync(key, value, partition);
        await GoodAsync("good_1");

        var rows = await _world.UntilAllProcessedAsync();
        Assert.Equal(2, rows.Count);
        await _world.Offsets.UntilAtEndAsync();
        Assert.Equal((long)rubbish.Length, await _world.ScalarAsync<long>("SELECT count(*) FROM dead_letters WHERE reason = 'undecodable'"));
        Assert.Equal(1_000_000, await _world.ScalarAsync<int>("SELECT max(length(value)) FROM dead_letters"));
        Assert.Equal(2L, await _world.ScalarAsync<long>("SELECT count(*) FROM dead_letters WHERE value IS NULL OR key IS NULL"));

        var records = await Task.Run(() => _world.Offsets.DeadLetters(rubbish.Length), Cancelled);
        Assert.All(records, record => Assert.Equal("undecodable", Header(record, MessageHeaders.DeadLetterReason)));
        Assert.All(records, record => Assert.NotEmpty(Header(record, MessageHeaders.DeadLetterDetail)));
        var origin = $"transactions/{partition}/";
        Assert.All(records, record => Assert.StartsWith(origin, Header(record, MessageHeaders.DeadLetterOrigin), StringComparison.Ordinal));
        Assert.Contains(records, record => record.Value is { } value && value.SequenceEqual(rubbish[0].Value!));
    }

    [Fact]
    public async Task A_record_without_a_row_goes_aside()
    {
        _world.StartWorker();
        await _world.AcceptAsync("good");
        var record = await _world.PublishAsync("nobody", DateTime.UtcNow);

        await _world.UntilAllProcessedAsync();
        await _world.Offsets.UntilAtEndAsync();
        Assert.Equal(
            $"unknown_transaction/nobody/{record.Partition.Value}/{record.Offset.Value}",
            await _world.ScalarAsync<string>("""SELECT reason || '/' || convert_from(key, 'UTF8') || '/' || partition || '/' || "offset" FROM dead_letters"""));
        var letter = Assert.Single(await Task.Run(() => _world.Offsets.DeadLetters(1), Cancelled));
        Assert.Equal("unknown_transaction", Header(letter, MessageHeaders.DeadLetterReason));
        Assert.Equal("nobody", Encoding.UTF8.GetString(letter.Key));
    }

    [Fact]
    public async Task A_transaction_that_the_database_refuses_goes_aside_alone_and_the_others_are_processed()
    {
        await _world.ScalarAsync<object?>(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.transaction_id = 'bad' THEN RAISE EXCEPTION 'refused' USING ERRCODE = '22021'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON transactions FOR EACH ROW EXECUTE FUNCTION refuse();
            """);
        _world.StartWorker();
        await _world.AcceptAsync("bad", "good_1", "good_2");

        await _world.UntilAllAsync(row => row.IsProcessed == (row.Id != "bad"));
        await _world.Offsets.UntilAtEndAsync();
        Assert.Equal(
            "bad/refused/PostgreSQL refused it: 22021 refused",
            await _world.ScalarAsync<string>("SELECT convert_from(key, 'UTF8') || '/' || reason || '/' || detail FROM dead_letters"));
    }

    [Fact]
    public async Task One_as_large_as_the_broker_takes_goes_aside_too_its_body_in_the_table()
    {
        _world.StartWorker();

        // Kafka's own limit is 1,048,588 bytes for a batch, its header and the record's included; our headers are too much for it.
        var record = await _world.ProduceAsync("k"u8.ToArray(), new byte[1_048_500]);

        await _world.Offsets.UntilAtEndAsync();
        Assert.Equal(1_048_500, await _world.ScalarAsync<int>("SELECT length(value) FROM dead_letters"));
        var letter = Assert.Single(await Task.Run(() => _world.Offsets.DeadLetters(1), Cancelled));
        Assert.Equal($"transactions/{record.Partition.Value}/{record.Offset.Value}", Header(letter, MessageHeaders.DeadLetterOrigin));
        Assert.Null(letter.Value);
    }

    [Fact]
    public async Task Rubbish_waits_for_a_database_that_is_away_and_holds_its_offset_while_it_is()
    {
        var worker = _world.StartWorker();
        await worker.UntilOwnsAsync(Topics.Partitions);
        await _world.CutDatabaseAsync();
        await _world.ProduceAsync("k"u8.ToArray(), "rubbish"u8.ToArray());
        await Support.Eventually.GetAsync(_ => Task.FromResult(worker.Waiting), waiting => waiting == 1, Cancelled);

        await _world.GiveDatabaseBackAsync();
        await _world.Offsets.UntilAtEndAsync();
        Assert.Equal(1L, await _world.ScalarAsync<long>("SELECT count(*) FROM dead_letters"));
    }

    private static string Body(string id) =>
        $$"""{"transaction_id":"{{id}}","source_account":"a","destination_account":"b","amount":"1","currency":"USD","created_at":"2026-01-15T10:30:00Z"}""";

    private static string Header(Message<byte[], byte[]> record, string name) => Encoding.UTF8.GetString(record.Headers.GetLastBytes(name));

    private async Task<DeliveryResult<byte[], byte[]>> GoodAsync(string id) => await _world.PublishAsync(id, await _world.InsertAsync(id));
}
