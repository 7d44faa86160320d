using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>An index for the counts of GET /admin/stats.</summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261129092000_PaymentsByTime")]
internal sealed class PaymentsByTime : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("CREATE INDEX payments_created_at ON payments USING brin (created_at);");

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP INDEX payments_created_at;");
}
