using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>Who moves money here.</summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261121080000_Users")]
internal sealed class CreateUsers : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE users (
            id           bigint GENERATED ALWAYS AS IDENTITY,
            email        text COLLATE "C" NOT NULL,
            currency     text COLLATE "C" NOT NULL DEFAULT 'USD',
            api_key_hash bytea            NOT NULL,
            is_admin     boolean          NOT NULL DEFAULT false,
            created_at   timestamptz      NOT NULL DEFAULT now(),
            CONSTRAINT users_pkey PRIMARY KEY (id),
            CONSTRAINT users_email_lower CHECK (email = lower(email)),
            CONSTRAINT users_email_length CHECK (length(email) BETWEEN 3 AND 254),
            CONSTRAINT users_currency_iso CHECK (currency ~ '^[A-Z]{3}$'),
            CONSTRAINT users_api_key_hash_sha256 CHECK (length(api_key_hash) = 32)
        );

        CREATE UNIQUE INDEX users_email ON users (email);

        -- A key is looked up by its hash, so no two users can have the same.
        CREATE UNIQUE INDEX users_api_key_hash ON users (api_key_hash);
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE users;");
}
