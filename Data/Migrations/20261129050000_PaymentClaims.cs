using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>Claim numbers of payments, the mark of a payment that was given up, and the problems that a worker reports.</summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261129050000_PaymentClaims")]
internal sealed class AddPaymentClaims : Migration
{
    // Constant defaults: PostgreSQL adds such a column without rewriting the table. A worker of the release before writes none of them, and needs none of them.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE payments
            ADD COLUMN claim bigint NOT NULL DEFAULT 0,
            ADD COLUMN is_given_up boolean NOT NULL DEFAULT false;

        UPDATE payments SET is_given_up = true WHERE status = 'failed' AND error_message LIKE 'Given up after %';

        ALTER TABLE payments ADD CONSTRAINT payments_given_up_is_failed CHECK (NOT is_given_up OR status = 'failed');

        ALTER TABLE worker_instances ADD COLUMN problems text[] NOT NULL DEFAULT '{}';
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE worker_instances DROP COLUMN problems;
        ALTER TABLE payments DROP COLUMN claim, DROP COLUMN is_given_up;
        """);
}
