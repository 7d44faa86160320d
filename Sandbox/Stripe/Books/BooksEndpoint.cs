using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults.OpenApi;

namespace Sandbox.Stripe.Books;

/// <summary><c>GET /stripe/books</c>: what Stripe has taken and given back, to be compared with what a system says of it.</summary>
internal static class BooksEndpoint
{
    private const string ChargeId = "charge_id";

    public static void MapStripeBooks(this IEndpointRouteBuilder routes) => routes
        .MapGet("/stripe/books", Get)
        .WithName("GetStripeBooks").WithTags("Stripe").WithSummary("What Stripe has taken and given back")
        .WithDescription("With `detail=true` every intent as well, the oldest first.")
        .Produces<StripeSums>().Answers(StatusCodes.Status200OK, "The sums of now, in minor units.");

    private static JsonHttpResult<StripeSums> Get(StripeBooks books, bool? detail)
    {
        var sums = new SortedDictionary<string, CurrencySum>(StringComparer.Ordinal);
        var intents = books.Intents.All();
        foreach (var entry in intents)
        {
            var (intent, refunded) = (entry.Now, entry.Refunded);
            var sum = sums.GetValueOrDefault(intent.Currency) ?? new(0, 0, 0);
            sums[intent.Currency] = new(sum.Intents + 1, sum.Succeeded + intent.AmountReceived, sum.Refunded + refunded);
        }

        var rows = detail == true ? intents.Select(RowOf) : null;
        return TypedResults.Json(new StripeSums(sums, rows), StripeJson.Wire.StripeSums);
    }

    private static BooksRow RowOf(IntentEntry entry) =>
        new(entry.Now.Id, entry.Now.Metadata.GetValueOrDefault(ChargeId), entry.Now.Amount, entry.Now.Currency, entry.Now.Status, entry.Refunded);
}

/// <summary>The answer to <c>GET /stripe/books</c>.</summary>
internal sealed record StripeSums(
    [property: Description("The currency's code in lower case -> its sums.")] IReadOnlyDictionary<string, CurrencySum> Currencies,
    [property: Description("With detail=true: every intent, the oldest first."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    IEnumerable<BooksRow>? Rows);

/// <summary>The sums of a currency.</summary>
internal sealed record CurrencySum(
    [property: Description("How many intents there are, of any status.")] int Intents,
    [property: Description("What was taken, in minor units.")] long Succeeded,
    [property: Description("What was given back of it.")] long Refunded);

/// <summary>An intent in the books.</summary>
internal sealed record BooksRow(
    string Id,
    [property: Description("metadata[charge_id], if it was sent.")] string? ChargeId,
    [property: Description("In minor units, taken only if status is succeeded.")] long Amount,
    string Currency,
    string Status,
    [property: Description("In minor units.")] long Refunded);
