using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Notices;

/// <summary>
/// A row of <c>notices</c>: something that an operator should know of. A cause has one row an hour, however often it is seen and by however many workers; the
/// row's insertion is what tells of it, by an outbound event and by e-mail.
/// </summary>
public sealed class Notice
{
    /// <summary>A UUID of version 7.</summary>
    public Guid Id { get; set; }

    /// <summary>One of <see cref="Contracts.WebhookEvents.OfOperations"/>.</summary>
    public required string Type { get; set; }

    /// <summary>What it is about, such as <c>dead_letter:payments:given_up</c>: the same text for the same cause.</summary>
    public required string Cause { get; set; }

    /// <summary>The hour in which it was seen, by the database's clock: its beginning, UTC.</summary>
    public DateTimeOffset Hour { get; set; }

    /// <summary>What happened, one or two sentences.</summary>
    public required string Detail { get; set; }

    /// <summary>What to do about it, one or two sentences.</summary>
    public required string WhatToDo { get; set; }

    /// <summary>Where to look: a path below <c>Notices__PortalUrl</c>, with its query.</summary>
    public required string Link { get; set; }

    /// <summary>How often it was seen in its hour, at least: of those who see it in the same moment some do not count.</summary>
    public long Count { get; set; }

    /// <summary>When it was seen first in its hour, by the database's clock.</summary>
    public DateTimeOffset FirstSeenAt { get; set; }

    /// <summary>When the mail server took it; null until then, and where notices are not mailed.</summary>
    public DateTimeOffset? MailedAt { get; set; }

    /// <summary>How often it was claimed to be mailed. Only the latest claim may write.</summary>
    public int MailTries { get; set; }

    /// <summary>When it is mailed, or mailed again; while a worker mails it, the end of the worker's lease.</summary>
    public DateTimeOffset NextMailAt { get; set; }
}

/// <summary>Maps the table <c>notices</c>.</summary>
internal sealed class NoticeTable : IEntityTypeConfiguration<Notice>
{
    public void Configure(EntityTypeBuilder<Notice> table)
    {
        table.ToTable("notices");
        table.HasKey(n => n.Id).HasName("notices_pkey");
        table.HasIndex(n => new { n.Type, n.Cause, n.Hour }).IsUnique().HasDatabaseName("notices_cause");

        // What is mailed is of the last day, and what is forgotten is the oldest.
        table.HasIndex(n => n.FirstSeenAt).HasDatabaseName("notices_first_seen_at");
        table.Property(n => n.Id).HasColumnName("id").ValueGeneratedNever();
        table.Property(n => n.Type).HasColumnName("type").HasColumnType("text").UseCollation("C");
        table.Property(n => n.Cause).HasColumnName("cause").HasColumnType("text").UseCollation("C");
        table.Property(n => n.Hour).HasColumnName("hour");
        table.Property(n => n.Detail).HasColumnName("detail");
        table.Property(n => n.WhatToDo).HasColumnName("what_to_do");
        table.Property(n => n.Link).HasColumnName("link");
        table.Property(n => n.Count).HasColumnName("count").HasDefaultValue(1L);
        table.Property(n => n.FirstSeenAt).HasColumnName("first_seen_at").HasDefaultValueSql("now()");
        table.Property(n => n.MailedAt).HasColumnName("mailed_at");
        table.Property(n => n.MailTries).HasColumnName("mail_tries").HasDefaultValue(0);
        table.Property(n => n.NextMailAt).HasColumnName("next_mail_at").HasDefaultValueSql("now()");
    }
}
