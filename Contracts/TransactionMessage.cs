using System.Text.Json.Serialization;

namespace Contracts;

/// <summary>
/// The body of a record in <see cref="Topics.Transactions"/>: the transaction as its row holds it.
/// The row is the truth; the record only says that there is work to do, and from when on.
/// </summary>
/// <param name="TransactionId">The sender's id, 1-128 characters; also the record's key.</param>
/// <param name="SourceAccount">Where the money comes from.</param>
/// <param name="DestinationAccount">Where it goes.</param>
/// <param name="Amount">More than 0, in the currency's unit (not its minor unit).</param>
/// <param name="Currency">ISO 4217, upper case.</param>
/// <param name="CreatedAt">When the row was inserted, by the database's clock, UTC. Due is this plus the processing delay.</param>
public sealed record TransactionMessage(
    string TransactionId,
    string SourceAccount,
    string DestinationAccount,
    [property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)] decimal Amount,
    string Currency,
    [property: JsonConverter(typeof(UtcTimeConverter))] DateTimeOffset CreatedAt);
