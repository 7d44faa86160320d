using Data.Charges;
using Ingest.Api.Idempotency;
using Npgsql;

namespace Ingest.Api.Charges;

/// <summary>
/// What is answered once a charge or a refund is committed and Stripe has to be asked: publishes its record, waits a moment for the outcome, and answers with
/// it. It never fails: what was committed is a true answer, too.
/// </summary>
internal sealed partial class ChargeOutcomes(
    PublishCharge records, StripeAnswers answers, NpgsqlDataSource database, IdempotentRequests requests, ILogger<ChargeOutcomes> logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>The charge with its outcome; <paramref name="pending"/> when it is not known in time.</summary>
    /// <param name="requestId">The row of <c>stripe_requests</c>, which has the charge's id.</param>
    /// <param name="customerId">The record's key.</param>
    /// <param name="pending">The answer that was committed.</param>
    /// <param name="claim">The Idempotency-Key that it was committed under; null for none. A repeat gets what is answered here.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public Task<Reply> OfChargeAsync(Guid requestId, string customerId, Reply pending, Claim? claim, CancellationToken cancellationToken) => OfAsync(
        requestId, customerId, pending, claim,
        async () => CreateCharge.ToReply(await ReadCharge.RunAsync(database, requestId, cancellationToken)), cancellationToken);

    /// <summary>The same for a refund, whose request has its id.</summary>
    public Task<Reply> OfRefundAsync(Guid requestId, string customerId, Reply pending, Claim? claim, CancellationToken cancellationToken) => OfAsync(
        requestId, customerId, pending, claim,
        async () => CreateRefund.ToReply(await ReadCharge.RefundAsync(database, requestId, cancellationToken)), cancellationToken);

    private async Task<Reply> OfAsync(
        Guid requestId, string customerId, Reply pending, Claim? claim, Func<Task<Reply>> readAsync, CancellationToken cancellationToken)
    {
        records.Publish(requestId, customerId);
        if (!await answers.WaitAsync(requestId, cancellationToken)) return pending;
        try
        {
            var reply = await readAsync();
            await requests.ReplaceAsync(claim, reply, cancellationToken);
            return reply;
        }
        catch (Exception exception)
        {
            // The database is away, or the caller is. The outcome is committed, and GET shows it.
            NotShown(exception, requestId);
            return pending;
        }
    }

    [LoggerMessage(76, LogLevel.Information, "The outcome of Stripe request {RequestId} could not be read in time; its caller was answered pending")]
    private partial void NotShown(Exception exception, Guid requestId);
}
