using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>Installment orders, and the clock by which they fall due.</summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261129164000_Installments")]
internal sealed class InstallmentOrders : Migration
{
    private const string Create =
        """
        CREATE TABLE installment_orders (
            id uuid NOT NULL,
            customer_id text COLLATE "C" NOT NULL,
            amount numeric(19,4) NOT NULL,
            currency text COLLATE "C" NOT NULL,
            installment_count integer NOT NULL,
            installment_amount numeric(19,4) NOT NULL,
            status text COLLATE "C" NOT NULL,
            time_zone text COLLATE "C" NOT NULL,
            stripe_payment_method text COLLATE "C",
            stripe_customer text COLLATE "C",
            dunning integer[] NOT NULL DEFAULT ('{1,3,5}'),
            split_instructions json,
            metadata json NOT NULL DEFAULT ('{}'),
            created_at timestamp with time zone NOT NULL DEFAULT (now()),
            updated_at timestamp with time zone,
            CONSTRAINT installment_orders_pkey PRIMARY KEY (id),
            CONSTRAINT installment_orders_amount_positive CHECK (amount > 0),
            CONSTRAINT installment_orders_status_known CHECK (status IN ('pending', 'active', 'completed', 'failed', 'cancelled'))
        );
        CREATE INDEX installment_orders_customer ON installment_orders (customer_id, status, id);
        CREATE INDEX installment_orders_status ON installment_orders (status, id);

        CREATE TABLE installments (
            id uuid NOT NULL,
            order_id uuid NOT NULL,
            number integer NOT NULL,
            amount numeric(19,4) NOT NULL,
            due_date date NOT NULL,
            due_at timestamp with time zone NOT NULL,
            status text COLLATE "C" NOT NULL,
            charge_id uuid,
            attempts integer NOT NULL DEFAULT 0,
            next_attempt_at timestamp with time zone,
            claim bigint NOT NULL DEFAULT 0,
            claimed_until timestamp with time zone,
            created_at timestamp with time zone NOT NULL DEFAULT (now()),
            updated_at timestamp with time zone,
            CONSTRAINT installments_pkey PRIMARY KEY (id),
            CONSTRAINT installments_amount_positive CHECK (amount > 0),
            CONSTRAINT installments_next_attempt_when_open CHECK (next_attempt_at IS NULL OR status IN ('pending', 'overdue')),
            CONSTRAINT installments_status_known CHECK (status IN ('pending', 'processing', 'paid', 'overdue', 'failed', 'cancelled')),
            CONSTRAINT installments_order_id_fkey FOREIGN KEY (order_id) REFERENCES installment_orders (id)
        );
        CREATE INDEX installments_due_at ON installments (due_at);
        CREATE INDEX installments_next_attempt_at ON installments (next_attempt_at, id) WHERE next_attempt_at IS NOT NULL;
        CREATE UNIQUE INDEX installments_order ON installments (order_id, number);

        CREATE TABLE business_clock (
            id boolean NOT NULL,
            ahead interval NOT NULL,
            CONSTRAINT business_clock_pkey PRIMARY KEY (id),
            CONSTRAINT business_clock_not_back CHECK (ahead >= interval '0'),
            CONSTRAINT business_clock_one_row CHECK (id)
        );


        -- The time by which installments fall due: the database's, moved ahead by the test clock in Development. WHERE id, so that there is a way by the index
        -- where sequential scans are off.
        CREATE FUNCTION business_now() RETURNS timestamptz LANGUAGE sql STABLE AS
            $$ SELECT now() + coalesce((SELECT ahead FROM business_clock WHERE id), interval '0') $$;
        """;

    private const string Drop =
        """
        DROP FUNCTION business_now;
        DROP TABLE business_clock, installments, installment_orders;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Create);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Drop);
}
