using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>Indexes for GET /admin/search.</summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261130100000_SearchedKeys")]
internal sealed class SearchedKeys : Migration
{
    private const string Create =
        """
        CREATE INDEX idempotency_keys_key ON idempotency_keys (key);
        CREATE INDEX payments_bank_reference ON payments (bank_reference) WHERE bank_reference IS NOT NULL;
        CREATE INDEX charges_external_charge_id ON charges (external_charge_id) WHERE external_charge_id IS NOT NULL;
        """;

    private const string Drop = "DROP INDEX idempotency_keys_key, payments_bank_reference, charges_external_charge_id;";

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Create);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Drop);
}
