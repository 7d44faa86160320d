using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>
/// Transactions, dead letters, workers. Migrations are written as SQL by hand: what runs in production is what is read in review.
/// A test holds the result against the model.
/// </summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261121070000_Transactions")]
internal sealed class CreateTransactions : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE transactions (
            -- Collation "C": ids are ASCII and only ever compared for equality, which "C" does by memcmp.
            transaction_id      text COLLATE "C" NOT NULL,
            source_account      text COLLATE "C" NOT NULL,
            destination_account text COLLATE "C" NOT NULL,
            amount              numeric(19,4)    NOT NULL,
            currency            text COLLATE "C" NOT NULL,
            status              text COLLATE "C" NOT NULL DEFAULT 'PROCESSING',
            created_at          timestamptz      NOT NULL DEFAULT now(),
            processed_at        timestamptz,
            attempts            integer          NOT NULL DEFAULT 0,
            failure_reason      text,
            next_publish_at     timestamptz      NOT NULL,
            traceparent         text COLLATE "C",
            CONSTRAINT transactions_pkey PRIMARY KEY (transaction_id),
            CONSTRAINT transactions_amount_positive CHECK (amount > 0),
            CONSTRAINT transactions_status_known CHECK (status IN ('PROCESSING', 'PROCESSED', 'FAILED')),
            CONSTRAINT transactions_processed_at_when_final CHECK ((status = 'PROCESSING') = (processed_at IS NULL))
        );

        -- The relay's: only rows without an outcome are in it, so it stays as small as the work in hand.
        CREATE INDEX transactions_next_publish_at ON transactions (next_publish_at) WHERE status = 'PROCESSING';

        -- The lists': newest first by keyset, for everything and for one account on either side. Without transaction_id, by which rows of
        -- one commit are told apart: these few are sorted when they are read, and an insert costs a quarter less (docs/performance.md).
        CREATE INDEX transactions_created_at ON transactions (created_at);
        CREATE INDEX transactions_source_account ON transactions (source_account, created_at);
        CREATE INDEX transactions_destination_account ON transactions (destination_account, created_at);

        -- What FAILED is rare and looked for: without this a page of it reads the whole of transactions_created_at.
        CREATE INDEX transactions_failed ON transactions (created_at, transaction_id) WHERE status = 'FAILED';

        CREATE TABLE dead_letters (
            id               bigint GENERATED ALWAYS AS IDENTITY,
            topic            text        NOT NULL,
            partition        integer     NOT NULL,
            "offset"         bigint      NOT NULL,
            record_timestamp timestamptz NOT NULL,
            key              bytea,
            value            bytea,
            reason           text        NOT NULL,
            detail           text        NOT NULL,
            created_at       timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT dead_letters_pkey PRIMARY KEY (id)
        );

        -- A worker that died between this row and its offset reads the record again: the row is there already.
        CREATE UNIQUE INDEX dead_letters_record ON dead_letters (topic, partition, "offset", record_timestamp);

        CREATE TABLE worker_instances (
            instance_id        text             NOT NULL,
            partitions         integer          NOT NULL,
            lag                bigint           NOT NULL,
            waiting            integer          NOT NULL,
            oldest_due_seconds double precision NOT NULL,
            seen_at            timestamptz      NOT NULL DEFAULT now(),
            CONSTRAINT worker_instances_pkey PRIMARY KEY (instance_id)
        );
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        "DROP TABLE worker_instances, dead_letters, transactions;");
}
