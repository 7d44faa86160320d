using Npgsql;

namespace Data.Tests;

public class ConstraintTests(Database database)
{
    private const string Columns = "transaction_id, source_account, destination_account, amount, currency, status, processed_at, next_publish_at";

    [Theory]
    [InlineData("0, 'USD', 'PROCESSING', NULL", "transactions_amount_positive")]
    [InlineData("-1, 'USD', 'PROCESSING', NULL", "transactions_amount_positive")]
    [InlineData("1, 'USD', 'DONE', now()", "transactions_status_known")]
    [InlineData("1, 'USD', 'PROCESSED', NULL", "transactions_processed_at_when_final")]
    [InlineData("1, 'USD', 'PROCESSING', now()", "transactions_processed_at_when_final")]
    [InlineData("1, 'USD', 'FAILED', now()", "transactions_failed_for_a_reason")]
    public async Task A_row_that_cannot_be_right_is_refused(string values, string constraint)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => InsertAsync("refused", values));
        Assert.Equal((PostgresErrorCodes.CheckViolation, constraint), (refused.SqlState, refused.ConstraintName));
    }

    [Fact]
    public async Task A_transaction_is_there_once()
    {
        await InsertAsync("once", "1, 'USD', 'PROCESSING', NULL");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => InsertAsync("once", "2, 'EUR', 'PROCESSING', NULL"));
        Assert.Equal("transactions_pkey", refused.ConstraintName);
    }

    [Fact]
    public async Task An_amount_beyond_15_digits_before_the_point_is_refused_and_not_rounded()
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => InsertAsync("too_much", "1000000000000000, 'USD', 'PROCESSING', NULL"));
        Assert.Equal(PostgresErrorCodes.NumericValueOutOfRange, refused.SqlState);
    }

    [Fact]
    public async Task A_dead_letter_is_there_once_but_its_offset_may_come_again_at_another_time()
    {
        const string Insert =
            """INSERT INTO dead_letters (topic, partition, "offset", record_timestamp, reason, detail) VALUES ('once', 1, 7, '{0}', 'r', 'd')""";
        await database.RunAsync(string.Format(null, Insert, "2026-01-15T10:30:00Z"));
        await database.RunAsync(string.Format(null, Insert, "2026-01-16T10:30:00Z"));
        var refused = await Assert.ThrowsAsync<PostgresException>(() => database.RunAsync(string.Format(null, Insert, "2026-01-15T10:30:00Z")));
        Assert.Equal("dead_letters_record", refused.ConstraintName);
    }

    private Task InsertAsync(string id, string values) =>
        database.RunAsync($"INSERT INTO transactions ({Columns}) VALUES ('{id}', 'a', 'b', {values}, now())");
}
