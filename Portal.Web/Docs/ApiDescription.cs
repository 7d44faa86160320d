using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Portal.Web.Docs;

/// <summary>What the API's document says of the API as a whole: the front door's own part has it.</summary>
internal static class ApiDescription
{
    private const string Text =
        """
        Takes in transaction webhooks and never loses one, and moves money between users and a bank.

        **Credentials** are sent as `X-API-Key: KEY`, or as `Authorization: Bearer KEY-OR-TOKEN`. Which one an operation takes stands at its padlock:

        | paths | credential |
        |---|---|
        | `/v1` | one of the operator's keys, where any is configured; open otherwise. Webhooks may have to be signed as well (Standard Webhooks) |
        | `/api/v1` | a user's API key, or the access token that `POST /api/v1/auth/login` answers for it |
        | `/admin`, and adding users | an admin key |

        **Money** is decimal: requests take a JSON number or a decimal string, answers have a string with the currency's own number of decimals.
        **Times** are RFC 3339 in UTC, with `Z`. **Members and parameters** that are not listed are ignored.

        **Errors** are `application/problem+json` with a stable `error` code; `errors` names each field that is not acceptable. 429 and 503 may be sent again
        after `Retry-After` seconds. Every answer has an `X-Request-ID`: quote it in a report.

        **Repeating** a deposit, a withdrawal or a new user is safe with the same `Idempotency-Key`; a webhook is known by its `transaction_id`.
        """;

    private static readonly (string Name, string Description)[] Tags =
    [
        ("Transactions", "Webhooks that are taken in, processed 30 seconds later, and read."),
        ("Payments", "Deposits and withdrawals: money between a user's account and the bank."),
        ("Accounts", "A user's balance, and the list of their payments."),
        ("Installments", "Amounts that are paid in parts, each charged on its date."),
        ("Users", "Users, their API keys and access tokens."),
        ("Dead letters", "Records that could not be processed, for administrators."),
        ("Health", "For probes and operators."),
        ("Home", "Where things are."),
    ];

    public static void AddApiDescription(this WebApplicationBuilder builder, string document) =>
        builder.Services.Configure<OpenApiOptions>(document, options => options.AddDocumentTransformer((api, _, _) =>
        {
            api.Info.Title = "AspireWebhooks";
            api.Info.Description = Text;
            api.Info.License = new OpenApiLicense { Name = "MIT License" };
            api.Tags = new HashSet<OpenApiTag>(Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }));
            return Task.CompletedTask;
        }));
}
