using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>Workers report the lag of each topic that they read.</summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261129091000_WorkerTopics")]
internal sealed class WorkerTopics : Migration
{
    // A constant default: no row is rewritten. A worker of the release before does not write it.
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("ALTER TABLE worker_instances ADD COLUMN topics jsonb NOT NULL DEFAULT '{}';");

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE worker_instances DROP COLUMN topics;");
}
