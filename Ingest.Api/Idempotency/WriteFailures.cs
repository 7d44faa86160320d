using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Idempotency;

/// <summary>What every write of section 3 of the contract can be answered besides its own, for the OpenAPI document.</summary>
internal static class WriteFailures
{
    public static RouteHandlerBuilder FailsAsWrites(this RouteHandlerBuilder endpoint) => endpoint
        .Fails(StatusCodes.Status400BadRequest, "The body cannot be read as a JSON object, or the Idempotency-Key is malformed.")
        .Fails(StatusCodes.Status401Unauthorized, "An API key is required here, and none or an unknown one came.")
        .Fails(IdempotentRequest.InFlight, "A request with this Idempotency-Key is still being worked on; send it again in a moment.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(Problem.Invalid("amount", "amount must be greater than 0"),
            "A member is not acceptable, and errors names it; or the Idempotency-Key was used with another body.")
        .Fails(StatusCodes.Status503ServiceUnavailable, "The database cannot answer, or too many requests are at work; try again after Retry-After seconds. "
            + "outcome_unknown: it may have been stored, and a repeat with the same Idempotency-Key tells.");
}
