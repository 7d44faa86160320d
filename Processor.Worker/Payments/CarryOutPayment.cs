using System.Globalization;
using Confluent.Kafka;
using Data.DeadLetters;
using Data.Payments;
using Microsoft.Extensions.Options;
using Npgsql;
using Processor.Worker.DeadLetters;

namespace Processor.Worker.Payments;

/// <summary>
/// One step of a payment that was taken up: asks the bank what it knows, calls it, and records what came of that.
/// Guarantee: the bank carries a payment out at most once, by its Idempotency-Key, and what it did is never guessed.
/// Dies before the call, in it or after it: the row says that the bank may have been called; at the end of the lease it is asked.
/// PostgreSQL away after the call: the same.
/// </summary>
internal sealed partial class CarryOutPayment(
    Bank bank, NpgsqlDataSource database, DeadLetterTopic deadLetters, IOptions<PaymentOptions> options, PaymentMetrics metrics, Random random,
    ILogger<CarryOutPayment> logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>Does the step; throws nothing but what the database throws.</summary>
    /// <param name="payment">As it was taken up.</param>
    /// <param name="record">The record that brought it: where its dead letter would say that it came from.</param>
    public async Task RunAsync(ClaimedPayment payment, ConsumeResult<byte[], PaymentRecord> record)
    {
        using var span = PaymentMetrics.StartProcess(payment);
        var answer = await AskAndCallAsync(payment);
        var step = PaymentStep.After(payment, answer, options.Value, random);
        switch (step)
        {
            case PaymentStep.Wait wait:
                await RecordStep.WaitAsync(database, payment.Id, wait, CancellationToken.None);
                if (wait.Reason is { } reason) TriedAgain(payment.Id, reason, wait.Attempts, wait.For);
                break;
            case PaymentStep.Settle settle:
                Count(payment, settle.Result, await RecordStep.SettleAsync(database, payment.Id, settle.Result, letter: null, CancellationToken.None));
                break;
            case PaymentStep.GiveUp giveUp:
                await GiveUpAsync(payment, giveUp, record);
                break;
        }

        metrics.Stepped(step);
    }

    private async Task<BankAnswer> AskAndCallAsync(ClaimedPayment payment)
    {
        if (payment.IsUnanswered)
        {
            var known = await bank.AskAsync(payment, CancellationToken.None);
            if (known is not BankAnswer.NeverSeen || payment.Attempts > options.Value.MaxRetries) return known;
        }

        return await bank.CallAsync(payment, CancellationToken.None);
    }

    private async Task GiveUpAsync(ClaimedPayment payment, PaymentStep.GiveUp giveUp, ConsumeResult<byte[], PaymentRecord> record)
    {
        var detail = string.Create(CultureInfo.InvariantCulture, $"Given up after {options.Value.MaxRetries} retries: {giveUp.Reason}.");
        var letter = new DeadRecord(
            record.TopicPartitionOffset, record.Message.Timestamp.UnixTimestampMs, record.Message.Key, record.Message.Value.Body, DeadLetterReason.GivenUp, $"Payment {payment.Id}: {detail}");
        var result = new BankResult(false, null, detail);
        var settlement = await RecordStep.SettleAsync(database, payment.Id, result, letter, CancellationToken.None);
        Count(payment, result, settlement);
        if (settlement != Settlement.Settled) return;
        GaveUp(payment.Id, detail);
        await deadLetters.TrySendAsync(letter, CancellationToken.None);
    }

    private void Count(ClaimedPayment payment, BankResult result, Settlement settlement)
    {
        if (settlement == Settlement.Settled) metrics.Settled(payment.Type, result.Status);
        else if (settlement == Settlement.Contradicts) Contradicted(payment.Id, result.Status);
    }

    [LoggerMessage(103, LogLevel.Warning, "Payment {PaymentId}: {Reason}. Tried {Attempts} times, again in {Wait}")]
    private partial void TriedAgain(long paymentId, string reason, int attempts, TimeSpan wait);

    [LoggerMessage(104, LogLevel.Error, "Payment {PaymentId} is failed and a dead letter. {Detail}")]
    private partial void GaveUp(long paymentId, string detail);

    [LoggerMessage(105, LogLevel.Error, "Payment {PaymentId} is settled, and the bank says {Status} of it now: nothing was changed; ask the bank")]
    private partial void Contradicted(long paymentId, string status);
}
