using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.DeadLetters;

/// <summary>A row of <c>dead_letters</c>: a Kafka record that could not be processed, kept byte for byte.</summary>
public sealed class DeadLetter
{
    /// <summary>Given by the database, ascending.</summary>
    public long Id { get; set; }

    /// <summary>The topic it was read from.</summary>
    public required string Topic { get; set; }

    /// <summary>The partition it was read from.</summary>
    public int Partition { get; set; }

    /// <summary>Its offset there.</summary>
    public long Offset { get; set; }

    /// <summary>
    /// The record's own timestamp. Part of the row's identity, because a broker that lost its log starts at offset 0 again.
    /// </summary>
    public DateTimeOffset RecordTimestamp { get; set; }

    /// <summary>The record's key, or null.</summary>
    public byte[]? Key { get; set; }

    /// <summary>The record's body, or null.</summary>
    public byte[]? Value { get; set; }

    /// <summary>A stable snake_case code: one of <see cref="DeadLetterReason"/>.</summary>
    public required string Reason { get; set; }

    /// <summary>One sentence for a person.</summary>
    public required string Detail { get; set; }

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>The values of <see cref="DeadLetter.Reason"/>.</summary>
public static class DeadLetterReason
{
    /// <summary>The record's key or body cannot be decoded.</summary>
    public const string Undecodable = "undecodable";

    /// <summary>No row has the record's transaction_id. Its key is kept, its body is not.</summary>
    public const string UnknownTransaction = "unknown_transaction";

    /// <summary>No row has the record's payment_id.</summary>
    public const string UnknownPayment = "unknown_payment";

    /// <summary>No row of <c>stripe_requests</c> has the record's id.</summary>
    public const string UnknownCharge = "unknown_charge";

    /// <summary>No endpoint has the record's id.</summary>
    public const string UnknownEndpoint = "unknown_endpoint";

    /// <summary>
    /// The bank did not accept the payment within its retries: it is failed. Redriving opens it again (<see cref="Payments.ReopenPayment"/>).
    /// </summary>
    public const string GivenUp = "given_up";

    /// <summary>The database, or our code, failed on this record alone, again and again.</summary>
    public const string Refused = "refused";
}

/// <summary>Maps the table <c>dead_letters</c>.</summary>
internal sealed class DeadLetterTable : IEntityTypeConfiguration<DeadLetter>
{
    public void Configure(EntityTypeBuilder<DeadLetter> table)
    {
        table.ToTable("dead_letters");
        table.HasKey(d => d.Id).HasName("dead_letters_pkey");

        // A worker that died between this row and its offset reads the record again; the row exists then.
        table.HasIndex(d => new { d.Topic, d.Partition, d.Offset, d.RecordTimestamp }).IsUnique().HasDatabaseName("dead_letters_record");
        table.Property(d => d.Id).HasColumnName("id").UseIdentityAlwaysColumn();
        table.Property(d => d.Topic).HasColumnName("topic");
        table.Property(d => d.Partition).HasColumnName("partition");
        table.Property(d => d.Offset).HasColumnName("offset");
        table.Property(d => d.RecordTimestamp).HasColumnName("record_timestamp");
        table.Property(d => d.Key).HasColumnName("key");
        table.Property(d => d.Value).HasColumnName("value");
        table.Property(d => d.Reason).HasColumnName("reason");
        table.Property(d => d.Detail).HasColumnName("detail");
        table.Property(d => d.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
    }
}
