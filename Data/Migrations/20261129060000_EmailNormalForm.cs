using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Migrations;

/// <summary>
/// Brings e-mail addresses that were stored before into the form in which they are now looked up: Unicode's normal form C. An address whose normal form
/// another user has stays as it is, because only a person can tell whether the two are one; docs/operations.md says how to find them. No constraint demands
/// the form: it would refuse every later change of such a row, also a new key.
/// </summary>
[DbContext(typeof(WebhooksDbContext))]
[Migration("20261129060000_EmailNormalForm")]
internal sealed class NormalizeEmails : Migration
{
    // Of several that have the same normal form the oldest gets it. The dotted capital I was kept as it is until now; see EmailAddress.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        WITH forms AS (SELECT id, email, normalize(replace(email, U&'\0130', U&'i\0307'), NFC) AS form FROM users),
        oldest AS (SELECT DISTINCT ON (form) id, form FROM forms WHERE email <> form AND length(form) <= 254 ORDER BY form, id)
        UPDATE users SET email = oldest.form FROM oldest
        WHERE users.id = oldest.id AND NOT EXISTS (SELECT FROM users AS other WHERE other.email = oldest.form);
        """);

    // The addresses stay: the release before finds them by what its users type, as long as they type the normal form, which keyboards do.
    protected override void Down(MigrationBuilder migrationBuilder)
    {
    }
}
