using System.Globalization;
using Data.DeadLetters;
using Data.Payments;
using Microsoft.Extensions.Options;
using Npgsql;
using Processor.Worker.DeadLetters;
using Processor.Worker.Work;

namespace Processor.Worker.Payments;

/// <summary>
/// One step of a claimed payment: asks the bank for the payment's state, calls it, and records the outcome.
/// Guarantee: the bank carries a payment out at most once, by its Idempotency-Key, and the outcome is never guessed.
/// <list type="bullet">
/// <item>Dies before, during or after the call: the row says that the bank may have been called; when the lease ends the next owner asks it.</item>
/// <item>PostgreSQL is away after the call: the same.</item>
/// <item>Is paused past its lease: it does not call the bank any more, and what it would record is dropped by the claim's number; the next owner
/// asks the bank.</item>
/// </list>
/// Not covered: a pause between the look at the lease and the request's arrival at the bank. If the next owner gives the payment up in that time, the bank's
/// callback contradicts it (409), which is logged.
/// </summary>
internal sealed partial class CarryOutPayment(
    Bank bank, NpgsqlDataSource database, RecordRetries retries, DeadLetterTopic deadLetters, IOptions<PaymentOptions> options,
    IOptions<BankOptions> bankOptions, PaymentMetrics metrics, Problems problems, Random random, TimeProvider clock, ILogger<CarryOutPayment> logger)
{
    private const string Problem = "Bank__Url";
    private const string Unanswered = "payments without an answer";

    private readonly ILogger _logger = logger;

    /// <summary>Runs the step; throws only what the database throws.</summary>
    /// <param name="payment">The payment as it was claimed.</param>
    /// <param name="record">The record that brought it: the origin of its dead letter.</param>
    public async Task RunAsync(ClaimedPayment payment, ReceivedRecord record)
    {
        using var span = PaymentMetrics.StartProcess(payment);
        if (await AskAndCallAsync(payment) is not { } answer)
        {
            DropStale(payment, "call");
            return;
        }

        if (answer is BankAnswer.Misconfigured wrong) problems.Report(Problem, Advice(wrong.Reason));
        else if (answer is BankAnswer.Settled or BankAnswer.Accepted) problems.Resolve(Problem);
        else if (answer is BankAnswer.Unknown no && payment.Attempts >= options.Value.MaxRetries) problems.Report(Unanswered, Advice(payment, no.Reason));
        var step = PaymentStep.After(payment, answer, options.Value, random);
        switch (step)
        {
            case PaymentStep.Retry retry:
                await RetryAsync(payment, retry);
                break;
            case PaymentStep.Settle settle:
                Count(payment, "settle", settle.Result, await RecordPaymentStep.SettleAsync(database, payment, settle.Result, CancellationToken.None));
                break;
            case PaymentStep.GiveUp giveUp:
                await GiveUpAsync(payment, giveUp, record);
                break;
        }

        metrics.Stepped(step);
    }

    /// <summary>The bank's answer; null when the lease no longer covers a call: then the payment is another worker's.</summary>
    private async Task<BankAnswer?> AskAndCallAsync(ClaimedPayment payment)
    {
        if (payment.IsUnanswered)
        {
            var known = await bank.AskAsync(payment, CancellationToken.None);
            if (known is not BankAnswer.NeverSeen) return known;
        }

        var isCovered = clock.GetElapsedTime(payment.ClaimedAt) + bankOptions.Value.Timeout <= options.Value.Lease;
        return isCovered ? await bank.CallAsync(payment, CancellationToken.None) : null;
    }

    private string Advice(string reason) =>
        $"Payments wait: {reason}, so Bank__Url or our access to it is wrong. They are kept and tried again every {options.Value.MisconfiguredWait}.";

    private static string Advice(ClaimedPayment payment, string reason) => string.Create(
        CultureInfo.InvariantCulture,
        $"The bank does not say what became of some payments, such as {payment.Id} after {payment.Attempts} attempts: {reason}. They stay open: ask the bank.");

    private async Task RetryAsync(ClaimedPayment payment, PaymentStep.Retry retry)
    {
        var recorded = await retries.RunAsync(new(payment, retry));
        if (recorded == RecordedRetry.Superseded) DropStale(payment, "retry");
        else if (recorded == RecordedRetry.Recorded && retry.Reason is { } reason) TriedAgain(payment.Id, reason, retry.Attempts, retry.Wait);
    }

    private async Task GiveUpAsync(ClaimedPayment payment, PaymentStep.GiveUp giveUp, ReceivedRecord record)
    {
        var detail = string.Create(CultureInfo.InvariantCulture, $"Given up after {options.Value.MaxRetries} retries: {giveUp.Reason}.");
        var letter = record.ToDeadLetter(DeadLetterReason.GivenUp, $"Payment {payment.Id}: {detail}");
        var settlement = await RecordPaymentStep.GiveUpAsync(database, payment, detail, letter, CancellationToken.None);
        Count(payment, "give_up", new BankResult(false, null, detail), settlement);
        if (settlement != Settlement.Settled) return;
        GaveUp(payment.Id, detail);
        await deadLetters.TrySendAsync(letter, CancellationToken.None);
    }

    private void Count(ClaimedPayment payment, string step, BankResult result, Settlement settlement)
    {
        if (settlement == Settlement.Settled) metrics.Settled(payment.Type, result.Status);
        else if (settlement == Settlement.Contradicts) Contradicted(payment.Id, result.Status);
        else if (settlement == Settlement.OutOfRange) OutOfRange(payment.Id);
        else if (settlement == Settlement.Superseded) DropStale(payment, step);
    }

    private void DropStale(ClaimedPayment payment, string step)
    {
        metrics.Superseded(step);
        Superseded(payment.Id, payment.Claim, step);
    }

    [LoggerMessage(103, LogLevel.Warning, "Payment {PaymentId}: {Reason}. {Attempts} attempts so far, the next in {Wait}")]
    private partial void TriedAgain(long paymentId, string reason, int attempts, TimeSpan wait);

    [LoggerMessage(104, LogLevel.Error, "Payment {PaymentId} is failed and a dead letter. {Detail}")]
    private partial void GaveUp(long paymentId, string detail);

    [LoggerMessage(105, LogLevel.Error, "Payment {PaymentId} is settled, and the bank now reports {Status}: nothing was changed; ask the bank")]
    private partial void Contradicted(long paymentId, string status);

    [LoggerMessage(111, LogLevel.Error,
        "Payment {PaymentId} succeeded at the bank, but the ledger cannot store so large a balance: it is failed; have the bank return the money")]
    private partial void OutOfRange(long paymentId);

    [LoggerMessage(110, LogLevel.Warning,
        "Payment {PaymentId}: claim {Claim} ended before its {Step}, which is dropped: this worker stood still for longer than Payments__Lease")]
    private partial void Superseded(long paymentId, long claim, string step);
}
