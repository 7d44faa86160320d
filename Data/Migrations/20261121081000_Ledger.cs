using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>
/// The ledger: double entry, whose rules the database enforces too. Until 20261129043000 this migration also created functions that moved the
/// money; the code of Data.Ledger does that since.
/// </summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261121081000_Ledger")]
internal sealed class CreateLedger : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE accounts (
            id       bigint GENERATED ALWAYS AS IDENTITY,
            owner    text COLLATE "C" NOT NULL,
            kind     text COLLATE "C" NOT NULL,
            currency text COLLATE "C" NOT NULL,
            balance  numeric(23,4)    NOT NULL DEFAULT 0,
            held     numeric(23,4)    NOT NULL DEFAULT 0,
            CONSTRAINT accounts_pkey PRIMARY KEY (id),
            CONSTRAINT accounts_held_not_negative CHECK (held >= 0),
            CONSTRAINT accounts_available_not_negative CHECK (kind = 'bank' OR balance >= held)
        ) WITH (fillfactor = 50); -- Its rows are only updated: with free space on their page an update adds no index entries.

        CREATE UNIQUE INDEX accounts_owner ON accounts (owner, currency);

        CREATE TABLE transfers (
            id         bigint GENERATED ALWAYS AS IDENTITY,
            reference  text COLLATE "C" NOT NULL,
            kind       text COLLATE "C" NOT NULL,
            currency   text COLLATE "C" NOT NULL,
            created_at timestamptz      NOT NULL DEFAULT now(),
            CONSTRAINT transfers_pkey PRIMARY KEY (id)
        );

        CREATE UNIQUE INDEX transfers_reference ON transfers (reference);

        CREATE TABLE entries (
            transfer_id   bigint        NOT NULL,
            account_id    bigint        NOT NULL,
            amount        numeric(19,4) NOT NULL,
            balance_after numeric(23,4) NOT NULL,
            CONSTRAINT entries_pkey PRIMARY KEY (transfer_id, account_id),
            CONSTRAINT entries_amount_not_zero CHECK (amount <> 0)
        );

        -- An account's statement, newest first.
        CREATE INDEX entries_account ON entries (account_id, transfer_id);

        CREATE TABLE holds (
            reference  text COLLATE "C" NOT NULL,
            account_id bigint           NOT NULL REFERENCES accounts (id),
            amount     numeric(19,4)    NOT NULL,
            created_at timestamptz      NOT NULL DEFAULT now(),
            CONSTRAINT holds_pkey PRIMARY KEY (reference),
            CONSTRAINT holds_amount_positive CHECK (amount > 0)
        );

        CREATE INDEX holds_account ON holds (account_id);
        """ + LedgerRules.Sql);

    protected override void Down(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("DROP TABLE holds, entries, transfers, accounts;" + LedgerRules.Drop);
}
