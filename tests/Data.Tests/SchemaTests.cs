using Data.DeadLetters;
using Data.Transactions;
using Data.Workers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;

namespace Data.Tests;

public class SchemaTests(Database database)
{
    private const string Schema =
        """
        SELECT format('%s.%s %s%s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN ' NOT NULL' END,
           CASE WHEN a.attcollation <> 0 THEN ' COLLATE ' || a.attcollation::regcollation::text END,
           CASE WHEN a.attidentity <> '' THEN ' IDENTITY ' || a.attidentity::text END,
            ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped AND c.relname NOT LIKE '\_\_EF%'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\_\_EF%'
        UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 't' AND conrelid <> 0 AND conrelid::regclass::text NOT LIKE '%\_\_EF%'
        ORDER BY 1
        """;

    private const string Objects =
        """
        SELECT relkind::text || ' ' || relname::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relname NOT IN ('__EFMigrationsHistory', 'PK___EFMigrationsHistory') ORDER BY 1
        """;

    [Fact]
    public async Task Every_change_of_the_model_has_its_migration()
    {
        await using var context = database.Open();
        Assert.False(context.Database.HasPendingModelChanges(), "Run: dotnet ef migrations add NAME --project Data");
    }

    /// <summary>The first migrations are SQL written by hand, so this holds them against the model: columns, defaults, indexes and constraints.</summary>
    [Fact]
    public async Task The_migrated_database_is_the_one_that_the_model_describes()
    {
        var empty = await database.CreateEmptyAsync();
        await using var context = database.Open(empty);
        await context.GetService<IRelationalDatabaseCreator>().CreateTablesAsync(TestContext.Current.CancellationToken);
        Assert.Equal(await database.ReadAsync(Schema, empty), await database.ReadAsync(Schema));
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
}
