using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>Deposits, withdrawals, and the answers that are given again.</summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261121082000_Payments")]
internal sealed class CreatePayments : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE payments (
            id              bigint GENERATED ALWAYS AS IDENTITY,
            user_id         bigint           NOT NULL REFERENCES users (id),
            type            text COLLATE "C" NOT NULL,
            status          text COLLATE "C" NOT NULL DEFAULT 'pending',
            amount          numeric(19,4)    NOT NULL,
            currency        text COLLATE "C" NOT NULL,
            description     text,
            bank_reference  text,
            error_message   text,
            attempts        integer          NOT NULL DEFAULT 0,
            is_unanswered   boolean          NOT NULL DEFAULT false,
            due_at          timestamptz      NOT NULL DEFAULT now(),
            next_publish_at timestamptz      NOT NULL,
            traceparent     text COLLATE "C",
            created_at      timestamptz      NOT NULL DEFAULT now(),
            updated_at      timestamptz      NOT NULL DEFAULT now(),
            processed_at    timestamptz,
            CONSTRAINT payments_pkey PRIMARY KEY (id),
            CONSTRAINT payments_amount_positive CHECK (amount > 0),
            CONSTRAINT payments_type_known CHECK (type IN ('deposit', 'withdrawal')),
            CONSTRAINT payments_status_known CHECK (status IN ('pending', 'processing', 'success', 'failed')),
            CONSTRAINT payments_processed_at_when_final CHECK ((status IN ('success', 'failed')) = (processed_at IS NOT NULL))
        );

        -- The relay's: only what is not settled is in it.
        CREATE INDEX payments_next_publish_at ON payments (next_publish_at) WHERE processed_at IS NULL;

        -- The lists': of one user and (for administrators) of all, each type and status by itself, newest first; Query.Api merges them. Two and not one
        -- for each way to filter, which were six: every change of a payment is a new entry in each.
        CREATE INDEX payments_user ON payments (user_id, type, status, id);
        CREATE INDEX payments_type ON payments (type, status, id);

        CREATE TABLE idempotency_keys (
            scope        text COLLATE "C" NOT NULL,
            key          text COLLATE "C" NOT NULL,
            request_hash bytea            NOT NULL,
            status       integer          NOT NULL DEFAULT 0,
            location     text,
            content_type text             NOT NULL DEFAULT '',
            body         bytea            NOT NULL DEFAULT '',
            expires_at   timestamptz      NOT NULL,
            CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key)
        );

        CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE idempotency_keys, payments;");
}
