namespace Contracts;

/// <summary>
/// The body of a record in <see cref="Topics.Charges"/>: Stripe is to be asked about this charge or refund. What, its row of <c>stripe_requests</c> says.
/// </summary>
/// <param name="StripeRequestId">The row's id, which is the charge's or the refund's.</param>
/// <param name="CustomerId">Whose charge it is; the record's key, so that a customer's charges are in order.</param>
public sealed record ChargeMessage(Guid StripeRequestId, string CustomerId);
