using Data.DeadLetters;
using Data.Transactions;
using Data.Workers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Tests;

public class SchemaTests(Database database)
{
    private const string Columns =
        """
        SELECT c.table_name || '.' || c.column_name || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || c.is_nullable
            || ' ' || coalesce(c.collation_name, '-')
        FROM information_schema.columns c
        JOIN pg_attribute a ON a.attrelid = format('%I.%I', c.table_schema, c.table_name)::regclass AND a.attname = c.column_name
        WHERE c.table_schema = 'public' AND c.table_name <> '__EFMigrationsHistory' ORDER BY 1
        """;

    private const string Objects =
        """
        SELECT relkind::text || ' ' || relname::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relname NOT IN ('__EFMigrationsHistory', 'PK___EFMigrationsHistory') ORDER BY 1
        """;

    /// <summary>Migrations are SQL by hand, so nothing but this holds the two together.</summary>
    [Fact]
    public async Task The_model_and_the_migrated_tables_have_the_same_columns_of_the_same_types()
    {
        await using var context = database.Open();
        var model = context.GetService<IDesignTimeModel>().Model;
        var mapped = model.GetEntityTypes().SelectMany(entity => entity.GetProperties()).Select(Describe).Order(StringComparer.Ordinal);

        Assert.Equal(mapped, (await database.ReadAsync(Columns)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_model_and_the_migrated_tables_have_the_same_primary_keys()
    {
        await using var context = database.Open();
        var mapped = context.GetService<IDesignTimeModel>().Model.GetEntityTypes().Select(entity => entity.FindPrimaryKey()!)
            .Select(key => $"{key.GetName()} PRIMARY KEY ({string.Join(", ", key.Properties.Select(property => property.GetColumnName()))})");

        Assert.Equal(mapped.Order(StringComparer.Ordinal), await database.ReadAsync(
            "SELECT conname::text || ' ' || pg_get_constraintdef(oid) FROM pg_constraint " +
            "WHERE contype = 'p' AND connamespace = 'public'::regnamespace AND conname NOT LIKE 'PK%' ORDER BY 1"));
    }

    [Fact]
    public async Task What_is_written_through_the_model_is_read_as_it_was()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_768_473_000);
        await using (var context = database.Open())
        {
            context.Transactions.Add(new Transaction
            {
                TransactionId = "model_1",
                SourceAccount = "a",
                DestinationAccount = "b",
                Amount = 123_456_789_012_345.6789m,
                Currency = "CLF",
                Status = TransactionStatus.Failed,
                CreatedAt = now,
                ProcessedAt = now,
                Attempts = 3,
                FailureReason = "why",
                NextPublishAt = now,
                TraceParent = "t",
            });
            context.DeadLetters.Add(new DeadLetter
            {
                Topic = "t",
                Partition = 1,
                Offset = 2,
                RecordTimestamp = now,
                Value = [0, 255],
                Reason = "r",
                Detail = "d",
            });
            context.WorkerInstances.Add(new WorkerInstance { InstanceId = "w", Partitions = 12, Lag = 1L << 40, Waiting = 3, OldestDueSeconds = 0.5 });
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        await using var reader = database.Open();
        var read = await reader.Transactions.SingleAsync(t => t.TransactionId == "model_1", TestContext.Current.CancellationToken);
        Assert.Equal((123_456_789_012_345.6789m, now, now, "why"), (read.Amount, read.CreatedAt, read.ProcessedAt, read.FailureReason));
        var letter = await reader.DeadLetters.SingleAsync(d => d.Topic == "t", TestContext.Current.CancellationToken);
        Assert.Equal(new byte[] { 0, 255 }, letter.Value);
        Assert.Null(letter.Key);
        Assert.Equal(1L << 40, (await reader.WorkerInstances.SingleAsync(w => w.InstanceId == "w", TestContext.Current.CancellationToken)).Lag);
    }

    [Fact]
    public async Task Down_takes_away_what_up_has_made_and_up_makes_it_again()
    {
        var empty = await database.CreateEmptyAsync();
        await using var context = database.Open(empty);
        var migrator = context.GetService<IMigrator>();

        await migrator.MigrateAsync(cancellationToken: TestContext.Current.CancellationToken);
        var made = await database.ReadAsync(Objects, empty);
        Assert.NotEmpty(made);
        await migrator.MigrateAsync(Migration.InitialDatabase, TestContext.Current.CancellationToken);
        Assert.Empty(await database.ReadAsync(Objects, empty));
        await migrator.MigrateAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(made, await database.ReadAsync(Objects, empty));
    }

    /// <summary>The relay asks once a second: its look must cost nothing, however many rows there are.</summary>
    [Fact]
    public async Task The_index_of_the_relay_holds_only_rows_without_an_outcome() => Assert.Equal(
        ["CREATE INDEX transactions_next_publish_at ON public.transactions USING btree (next_publish_at) WHERE (status = 'PROCESSING'::text)"],
        await database.ReadAsync("SELECT indexdef FROM pg_indexes WHERE indexname = 'transactions_next_publish_at'"));

    private static string Describe(IProperty property)
    {
        var table = property.DeclaringType.GetTableName();
        var collation = property.GetCollation() ?? "-";
        return $"{table}.{property.GetColumnName()} {property.GetColumnType()} {(property.IsColumnNullable() ? "YES" : "NO")} {collation}";
    }
}
