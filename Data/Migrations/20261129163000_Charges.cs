using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>Wallets, charges, refunds, and what Stripe is asked for.</summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261129163000_Charges")]
internal sealed class WalletsAndCharges : Migration
{
    private const string Create =
        """
        -- Nullable and without a default: no row is rewritten, and the release before does not write it.
        ALTER TABLE transfers ADD description text;

        -- Checked without the lock that adding it in one step takes.
        ALTER TABLE accounts DROP CONSTRAINT accounts_kind_known;
        ALTER TABLE accounts ADD CONSTRAINT accounts_kind_known CHECK (kind IN ('user', 'wallet', 'merchant', 'house', 'bank')) NOT VALID;
        ALTER TABLE accounts VALIDATE CONSTRAINT accounts_kind_known;

        CREATE TABLE wallets (
            id uuid NOT NULL,
            customer_id text COLLATE "C" NOT NULL,
            currency text COLLATE "C" NOT NULL,
            is_active boolean NOT NULL DEFAULT TRUE,
            created_at timestamp with time zone NOT NULL DEFAULT (now()),
            CONSTRAINT wallets_pkey PRIMARY KEY (id)
        );
        CREATE UNIQUE INDEX wallets_customer ON wallets (customer_id);

        CREATE TABLE charges (
            id uuid NOT NULL,
            customer_id text COLLATE "C" NOT NULL,
            amount numeric(19,4) NOT NULL,
            currency text COLLATE "C" NOT NULL,
            status text COLLATE "C" NOT NULL,
            payment_method text COLLATE "C",
            wallet_amount numeric(19,4) NOT NULL,
            external_amount numeric(19,4) NOT NULL,
            external_charge_id text COLLATE "C",
            refunded_amount numeric(19,4) NOT NULL DEFAULT (0),
            failure_code text COLLATE "C",
            failure_message text,
            split_instructions json,
            parts json,
            metadata json NOT NULL DEFAULT ('{}'),
            installment_id uuid,
            installment_order_id uuid,
            created_at timestamp with time zone NOT NULL DEFAULT (now()),
            updated_at timestamp with time zone,
            settled_at timestamp with time zone,
            CONSTRAINT charges_pkey PRIMARY KEY (id),
            CONSTRAINT charges_amount_positive CHECK (amount > 0),
            CONSTRAINT charges_method_known CHECK (payment_method IN ('wallet', 'external', 'mixed')),
            CONSTRAINT charges_parts_add_up CHECK (wallet_amount + external_amount = CASE WHEN payment_method IS NULL THEN 0 ELSE amount END),
            CONSTRAINT charges_refunded_within CHECK (refunded_amount >= 0 AND refunded_amount <= amount),
            CONSTRAINT charges_settled_when_final CHECK ((status = 'pending') = (settled_at IS NULL)),
            CONSTRAINT charges_status_known CHECK (status IN ('pending', 'succeeded', 'failed'))
        );
        CREATE INDEX charges_created_at ON charges USING brin (created_at);
        CREATE INDEX charges_customer ON charges (customer_id, status, id);
        CREATE INDEX charges_installment_order ON charges (installment_order_id, id) WHERE installment_order_id IS NOT NULL;
        CREATE INDEX charges_status ON charges (status, id);

        CREATE TABLE refunds (
            id uuid NOT NULL,
            charge_id uuid NOT NULL,
            amount numeric(19,4) NOT NULL,
            wallet_amount numeric(19,4) NOT NULL,
            external_amount numeric(19,4) NOT NULL,
            status text COLLATE "C" NOT NULL,
            reason text,
            parts json,
            external_refund_id text COLLATE "C",
            failure_message text,
            created_at timestamp with time zone NOT NULL DEFAULT (now()),
            settled_at timestamp with time zone,
            CONSTRAINT refunds_pkey PRIMARY KEY (id),
            CONSTRAINT refunds_amount_positive CHECK (amount > 0),
            CONSTRAINT refunds_parts_add_up CHECK (wallet_amount >= 0 AND external_amount >= 0 AND wallet_amount + external_amount = amount),
            CONSTRAINT refunds_settled_when_final CHECK ((status = 'pending') = (settled_at IS NULL)),
            CONSTRAINT refunds_status_known CHECK (status IN ('pending', 'succeeded', 'failed')),
            CONSTRAINT refunds_charge_id_fkey FOREIGN KEY (charge_id) REFERENCES charges (id)
        );
        CREATE INDEX refunds_charge ON refunds (charge_id, id);

        CREATE TABLE stripe_requests (
            id uuid NOT NULL,
            kind text COLLATE "C" NOT NULL,
            charge_id uuid NOT NULL,
            refund_id uuid,
            customer_id text COLLATE "C" NOT NULL,
            body json NOT NULL,
            attempt integer NOT NULL DEFAULT 1,
            stripe_id text COLLATE "C",
            tries integer NOT NULL DEFAULT 0,
            asked_at timestamp with time zone,
            is_unanswered boolean NOT NULL DEFAULT FALSE,
            claim bigint NOT NULL DEFAULT 0,
            due_at timestamp with time zone NOT NULL DEFAULT (now()),
            next_publish_at timestamp with time zone NOT NULL,
            error text,
            traceparent text COLLATE "C",
            created_at timestamp with time zone NOT NULL DEFAULT (now()),
            answered_at timestamp with time zone,
            CONSTRAINT stripe_requests_pkey PRIMARY KEY (id),
            CONSTRAINT stripe_requests_kind_known CHECK (kind IN ('charge', 'refund')),
            CONSTRAINT stripe_requests_refund_when_refund CHECK ((kind = 'refund') = (refund_id IS NOT NULL)),
            CONSTRAINT stripe_requests_charge_id_fkey FOREIGN KEY (charge_id) REFERENCES charges (id)
        );
        CREATE UNIQUE INDEX stripe_requests_charge ON stripe_requests (charge_id, refund_id) NULLS NOT DISTINCT;
        CREATE INDEX stripe_requests_next_publish_at ON stripe_requests (next_publish_at) WHERE answered_at IS NULL;
        """;

    private const string Drop =
        """
        DROP TABLE stripe_requests, refunds, charges, wallets;
        ALTER TABLE transfers DROP COLUMN description;
        ALTER TABLE accounts DROP CONSTRAINT accounts_kind_known;
        ALTER TABLE accounts ADD CONSTRAINT accounts_kind_known CHECK (kind IN ('user', 'wallet', 'merchant', 'bank'));
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Create);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Drop);
}
