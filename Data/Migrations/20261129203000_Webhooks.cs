using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>Outbound webhooks: endpoints, events, deliveries with their attempts, and the keys that encrypt endpoints' secrets.</summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261129203000_Webhooks")]
internal sealed class OutboundWebhooks : Migration
{
    private const string Create =
        """
        -- RFC 9562, section 5.7, for rows that a statement makes: PostgreSQL has a function of its own from 18 on. Ids that rise with time keep the inserts of
        -- an index on one page. 48 bits of milliseconds over a random UUID of version 4, whose version is then 7: bits 52 and 53 in the order of set_bit.
        CREATE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
            SELECT encode(
                set_bit(
                    set_bit(
                        overlay(
                            uuid_send(gen_random_uuid()) PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
                        52, 1),
                    53, 1),
                'hex')::uuid
        $$;

        CREATE TABLE webhook_endpoints (
            id uuid NOT NULL,
            url text NOT NULL,
            customer_id text COLLATE "C",
            event_types text[] NOT NULL DEFAULT ('{}'),
            description text,
            payload_style text COLLATE "C" NOT NULL,
            secret text NOT NULL,
            previous_secret text,
            previous_secret_until timestamp with time zone,
            failing_since timestamp with time zone,
            disabled_at timestamp with time zone,
            disabled_because text COLLATE "C",
            next_publish_at timestamp with time zone NOT NULL DEFAULT (now()),
            created_at timestamp with time zone NOT NULL DEFAULT (now()),
            updated_at timestamp with time zone,
            deleted_at timestamp with time zone,
            CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
            CONSTRAINT webhook_endpoints_style_known CHECK (payload_style IN ('envelope', 'flat')),
            CONSTRAINT webhook_endpoints_disabled_because CHECK ((disabled_at IS NULL) = (disabled_because IS NULL))
        );
        CREATE INDEX webhook_endpoints_customer ON webhook_endpoints (customer_id) WHERE deleted_at IS NULL;
        CREATE INDEX webhook_endpoints_owner ON webhook_endpoints (customer_id, id);
        CREATE INDEX webhook_endpoints_next_publish_at ON webhook_endpoints (next_publish_at) WHERE deleted_at IS NULL AND disabled_at IS NULL;

        CREATE SEQUENCE webhook_event_positions AS bigint;
        CREATE TABLE webhook_events (
            id uuid NOT NULL,
            type text COLLATE "C" NOT NULL,
            customer_id text COLLATE "C",
            resource_id text COLLATE "C" NOT NULL,
            sequence bigint GENERATED ALWAYS AS IDENTITY,
            snapshot json,
            data json,
            position bigint,
            created_at timestamp with time zone NOT NULL DEFAULT (now()),
            traceparent text COLLATE "C",
            CONSTRAINT webhook_events_pkey PRIMARY KEY (id)
        );
        CREATE INDEX webhook_events_to_fan_out ON webhook_events (sequence) WHERE position IS NULL;
        CREATE UNIQUE INDEX webhook_events_position ON webhook_events (position) WHERE position IS NOT NULL;

        CREATE TABLE webhook_deliveries (
            id uuid NOT NULL,
            event_id uuid NOT NULL,
            endpoint_id uuid NOT NULL,
            event_type text COLLATE "C" NOT NULL,
            status text COLLATE "C" NOT NULL DEFAULT 'pending',
            attempts integer NOT NULL DEFAULT 0,
            tries integer NOT NULL DEFAULT 0,
            next_attempt_at timestamp with time zone,
            claimed_until timestamp with time zone,
            claim bigint NOT NULL DEFAULT 0,
            response_status integer,
            error_message text,
            created_at timestamp with time zone NOT NULL DEFAULT (now()),
            processed_at timestamp with time zone,
            CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id),
            CONSTRAINT webhook_deliveries_status_known CHECK (status IN ('pending', 'delivered', 'failed')),
            CONSTRAINT webhook_deliveries_due_while_pending CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL)),
            CONSTRAINT webhook_deliveries_processed_when_final CHECK ((status = 'pending') = (processed_at IS NULL))
        ) WITH (fillfactor = 70); -- A claim is a new version of the row on its page, and of no index.
        CREATE UNIQUE INDEX webhook_deliveries_event ON webhook_deliveries (event_id, endpoint_id);
        CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at) WHERE status = 'pending';
        CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, event_type, id) WHERE status = 'pending';
        CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, status, event_type, id) WHERE status <> 'pending';
        CREATE INDEX webhook_deliveries_status ON webhook_deliveries (status, event_type, id) WHERE status <> 'pending';

        CREATE TABLE webhook_attempts (
            delivery_id uuid NOT NULL,
            number integer NOT NULL,
            sent_at timestamp with time zone NOT NULL,
            duration_ms integer NOT NULL,
            response_status integer,
            response_body text,
            error_message text,
            CONSTRAINT webhook_attempts_pkey PRIMARY KEY (delivery_id, number)
        );

        CREATE TABLE data_protection_keys (
            id integer GENERATED ALWAYS AS IDENTITY,
            friendly_name text,
            xml text,
            CONSTRAINT data_protection_keys_pkey PRIMARY KEY (id)
        );
        """;

    private const string Drop =
        """
        DROP TABLE webhook_attempts, webhook_deliveries, webhook_events, webhook_endpoints, data_protection_keys;
        DROP SEQUENCE webhook_event_positions;
        DROP FUNCTION uuid_v7();
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Create);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Drop);
}
