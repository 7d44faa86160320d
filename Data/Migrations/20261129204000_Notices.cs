using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>Notices to operators.</summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261129204000_Notices")]
internal sealed class OperatorNotices : Migration
{
    private const string Create =
        """
        CREATE TABLE notices (
            id uuid NOT NULL,
            type text COLLATE "C" NOT NULL,
            cause text COLLATE "C" NOT NULL,
            hour timestamp with time zone NOT NULL,
            detail text NOT NULL,
            what_to_do text NOT NULL,
            link text NOT NULL,
            count bigint NOT NULL DEFAULT 1,
            first_seen_at timestamp with time zone NOT NULL DEFAULT (now()),
            mailed_at timestamp with time zone,
            mail_tries integer NOT NULL DEFAULT 0,
            next_mail_at timestamp with time zone NOT NULL DEFAULT (now()),
            CONSTRAINT notices_pkey PRIMARY KEY (id)
        );
        CREATE UNIQUE INDEX notices_cause ON notices (type, cause, hour);
        CREATE INDEX notices_first_seen_at ON notices (first_seen_at);
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Create);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE notices;");
}
