using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>Balances of up to 24 digits before the point: with 19 a balance could outgrow its column, and the payment that did it was never settled.</summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261129090000_WiderBalances")]
internal sealed class WiderBalances : Migration
{
    // More digits of the same scale: PostgreSQL changes its catalog and rewrites no row. A service of the release before reads the columns as before.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE accounts ALTER COLUMN balance TYPE numeric(28,4), ALTER COLUMN held TYPE numeric(28,4);
        ALTER TABLE entries ALTER COLUMN balance_after TYPE numeric(28,4);
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE entries ALTER COLUMN balance_after TYPE numeric(23,4);
        ALTER TABLE accounts ALTER COLUMN balance TYPE numeric(23,4), ALTER COLUMN held TYPE numeric(23,4);
        """);
}
