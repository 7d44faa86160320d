using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>
/// Drops the functions that moved money, which databases from before this migration have: Data.Ledger does their work. Names the kinds of
/// accounts, so that an account of an unknown kind cannot be created.
/// </summary>
internal sealed partial class LedgerInCode : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP PROCEDURE IF EXISTS post_transfer_and_commit;
        DROP FUNCTION IF EXISTS open_account, lock_accounts, undo_postings, post_transfer, place_hold, release_hold;

        ALTER TABLE accounts ADD CONSTRAINT accounts_kind_known CHECK (kind IN ('user', 'wallet', 'merchant', 'bank'));
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE accounts DROP CONSTRAINT accounts_kind_known;");
}
