namespace Contracts;

/// <summary>
/// The body of a record in <see cref="Topics.Payments"/>: something is to be done about this payment. What, its row says.
/// </summary>
/// <param name="PaymentId">The payment's id.</param>
/// <param name="UserId">Whose it is; in decimal digits the record's key, so that a user's payments are in order.</param>
public sealed record PaymentMessage(long PaymentId, long UserId);
