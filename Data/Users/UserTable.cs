using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Users;

/// <summary>Maps the columns. Constraints and indexes stand in the migration, where their SQL says them best.</summary>
internal sealed class UserTable : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> table)
    {
        table.ToTable("users");
        table.HasKey(u => u.Id).HasName("users_pkey");
        table.Property(u => u.Id).HasColumnName("id").UseIdentityAlwaysColumn();
        table.Property(u => u.Email).HasColumnName("email").HasColumnType("text").UseCollation("C");
        table.Property(u => u.Currency).HasColumnName("currency").HasColumnType("text").UseCollation("C").HasDefaultValue("USD");
        table.Property(u => u.ApiKeyHash).HasColumnName("api_key_hash");
        table.Property(u => u.IsAdmin).HasColumnName("is_admin").HasDefaultValue(false);
        table.Property(u => u.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
    }
}
