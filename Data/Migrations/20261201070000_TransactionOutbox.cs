using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>
/// The outbox of transactions has a row a commit, and no index of transactions names what an outcome changes, so that outcomes are heap-only updates. The outbox
/// is of the rows that are there and of every row that comes, whatever inserts it: also services of the build before, which know of no outbox.
/// It reads the table twice, for the index and for the constraint, and nothing is inserted meanwhile.
/// </summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261201070000_TransactionOutbox")]
internal sealed class CreateTransactionOutbox : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE transaction_outbox (
            id         bigint GENERATED ALWAYS AS IDENTITY,
            created_at timestamptz NOT NULL,
            look_at    timestamptz NOT NULL,
            CONSTRAINT transaction_outbox_pkey PRIMARY KEY (id)
        );
        CREATE INDEX transaction_outbox_look_at ON transaction_outbox (look_at);
        CREATE INDEX transaction_outbox_created_at ON transaction_outbox (created_at);

        -- A row is published again 30 s after it was due. Looked at 28 s earlier, two seconds after it was due, it has its outcome almost always, and whoever
        -- reads what is PROCESSING meets few rows that are not.
        CREATE FUNCTION add_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO transaction_outbox (created_at, look_at)
            SELECT created_at, min(next_publish_at) - interval '28 s' FROM inserted WHERE status = 'PROCESSING' GROUP BY created_at;
            RETURN NULL;
        END $$;
        CREATE TRIGGER transactions_in_outbox AFTER INSERT ON transactions
            REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION add_to_outbox();

        -- The trigger's lock keeps others from inserting until both are committed: no row falls between them.
        INSERT INTO transaction_outbox (created_at, look_at)
        SELECT created_at, min(next_publish_at) FROM transactions WHERE status = 'PROCESSING' GROUP BY created_at;

        -- A page is filled to this part; the other takes the rows' second versions, those of their outcomes.
        ALTER TABLE transactions SET (fillfactor = 48);

        -- What FAILED is found by its reason, which no other row has and which does not change when a row becomes PROCESSED.
        UPDATE transactions SET failure_reason = 'The reason was not recorded.' WHERE status = 'FAILED' AND failure_reason IS NULL;
        CREATE INDEX transactions_failure_reason ON transactions (created_at, transaction_id) WHERE failure_reason IS NOT NULL;
        ALTER TABLE transactions ADD CONSTRAINT transactions_failed_for_a_reason CHECK (status <> 'FAILED' OR failure_reason IS NOT NULL);
        DROP INDEX transactions_next_publish_at, transactions_failed;
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE INDEX transactions_next_publish_at ON transactions (next_publish_at) WHERE status = 'PROCESSING';
        CREATE INDEX transactions_failed ON transactions (created_at, transaction_id) WHERE status = 'FAILED';
        DROP INDEX transactions_failure_reason;
        ALTER TABLE transactions DROP CONSTRAINT transactions_failed_for_a_reason;
        ALTER TABLE transactions RESET (fillfactor);
        DROP TRIGGER transactions_in_outbox ON transactions;
        DROP FUNCTION add_to_outbox;
        DROP TABLE transaction_outbox;
        """);
}
