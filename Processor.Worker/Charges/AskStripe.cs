using System.Globalization;
using Data.Charges;
using Microsoft.Extensions.Options;
using Npgsql;
using Processor.Worker.Work;

namespace Processor.Worker.Charges;

/// <summary>
/// One step of a claimed Stripe request: asks Stripe, and records the outcome.
/// Guarantee: Stripe carries a request out at most once, by its Idempotency-Key, and an outcome is never guessed.
/// <list type="bullet">
/// <item>Dies before, during or after the request: the row says that it may have been sent; when the lease ends the next owner sends the same again, with the
/// same key, and Stripe answers what it did. After <c>Stripe__KeyLifetime</c> it looks into Stripe's list instead.</item>
/// <item>PostgreSQL is away after the answer: the same. Stripe's webhook may settle it before.</item>
/// <item>Is paused past its lease: it does not ask any more, and what it would record is dropped by the claim's number.</item>
/// </list>
/// </summary>
internal sealed partial class AskStripe(
    StripeApi stripe, NpgsqlDataSource database, IOptions<StripeOptions> options, ChargeMetrics metrics, Problems problems, Random random,
    TimeProvider clock, ILogger<AskStripe> logger)
{
    /// <summary>
    /// Stripe repeats the first answer of a key, a 500 too, for as long as the key lives. After so many tries without an outcome its list is looked into first.
    /// </summary>
    private const int SearchAfter = 3;

    private const string Access = "Stripe__ApiKey";
    private const string Mistake = "Stripe's idempotency_error";
    private const string Unanswered = "charges without an answer";

    private readonly ILogger _logger = logger;

    /// <summary>Runs the step; throws only what the database throws.</summary>
    public async Task RunAsync(ClaimedStripeRequest request)
    {
        using var span = ChargeMetrics.StartProcess(request);
        if (clock.GetElapsedTime(request.ClaimedAt) + options.Value.Timeout > options.Value.Lease)
        {
            DropStale(request, "request");
            return;
        }

        var answer = await AskAsync(request);
        Report(request, answer);
        var step = StripeStep.After(request, answer, options.Value, random);
        if (step is StripeStep.Retry retry) await RetryAsync(request, retry);
        else if (step is StripeStep.Settle settle) await SettleAsync(request, settle.Result);
        metrics.Stepped(step);
    }

    private async Task<StripeAnswer> AskAsync(ClaimedStripeRequest request)
    {
        if (request.StripeId is not null) return await stripe.AskAsync(request, CancellationToken.None);
        var isOld = request.IsUnanswered && request.AskedFor > options.Value.KeyLifetime;
        if (isOld || (request.IsUnanswered && request.Tries >= SearchAfter))
        {
            using var time = new CancellationTokenSource(options.Value.Lease - options.Value.Timeout * 1.5, clock);
            var found = await stripe.SearchAsync(request, time.Token);
            if (isOld || found is StripeAnswer.Settled or StripeAnswer.Processing) return found;
        }

        return await stripe.SendAsync(request, CancellationToken.None);
    }

    private void Report(ClaimedStripeRequest request, StripeAnswer answer)
    {
        switch (answer)
        {
            case StripeAnswer.Misconfigured wrong:
                problems.Report(Access, $"Charges wait: {wrong.Reason}, so Stripe__ApiKey is wrong. They are kept and tried again every "
                    + $"{options.Value.MisconfiguredWait}.");
                break;
            case StripeAnswer.OurMistake wrong:
                problems.Report(Mistake,
                    $"{request.Kind} {request.Id}: {wrong.Reason}. It stays open: look it up at Stripe, and report this as a fault of ours.");
                break;
            case StripeAnswer.Settled or StripeAnswer.Processing:
                problems.Resolve(Access);
                break;
            case StripeAnswer.Unknown no when request.Tries >= options.Value.MaxRetries:
                problems.Report(Unanswered, string.Create(CultureInfo.InvariantCulture,
                    $"Stripe does not say what became of some charges, such as {request.Kind} {request.Id} after {request.Tries} tries: {no.Reason}. They stay "
                    + $"open and are asked for again."));
                break;
        }
    }

    private async Task RetryAsync(ClaimedStripeRequest request, StripeStep.Retry retry)
    {
        var recorded = await RecordStripeStep.RetryAsync(database, request, retry, CancellationToken.None);
        if (recorded == RecordedRetry.Superseded) DropStale(request, "retry");
        else if (recorded == RecordedRetry.Recorded && retry.Reason is { } reason) TriedAgain(request.Kind, request.Id, reason, retry.Tries, retry.Wait);
    }

    private async Task SettleAsync(ClaimedStripeRequest request, StripeResult result)
    {
        var settlement = await RecordStripeStep.SettleAsync(database, request, result, CancellationToken.None);
        if (settlement == StripeSettlement.Settled) metrics.Settled(request.Kind, result.Status);
        else if (settlement == StripeSettlement.Superseded) DropStale(request, "settle");
        else if (settlement is StripeSettlement.Contradicts or StripeSettlement.OutOfRange)
            NeedsAnOperator(request.Kind, request.Id, result.Status, settlement);
    }

    private void DropStale(ClaimedStripeRequest request, string step)
    {
        metrics.Superseded(step);
        Superseded(request.Kind, request.Id, request.Claim, step);
    }

    [LoggerMessage(115, LogLevel.Warning, "{Kind} {Id}: {Reason}. {Tries} tries so far, the next in {Wait}")]
    private partial void TriedAgain(string kind, Guid id, string reason, int tries, TimeSpan wait);

    [LoggerMessage(116, LogLevel.Error, "{Kind} {Id}: Stripe reports {Status}, which is {Settlement}; nothing more was changed. Compare it with Stripe")]
    private partial void NeedsAnOperator(string kind, Guid id, string status, StripeSettlement settlement);

    [LoggerMessage(117, LogLevel.Warning,
        "{Kind} {Id}: claim {Claim} ended before its {Step}, which is dropped: this worker stood still for longer than Stripe__Lease")]
    private partial void Superseded(string kind, Guid id, long claim, string step);
}
