using Contracts;
using Data;
using Data.Charges;
using Data.Ledger;
using Npgsql;
using Processor.Worker.Work;

namespace Processor.Worker.Charges;

/// <summary>Records the outcome of a step. Every write carries the claim's number: after the row was claimed again it does nothing.</summary>
internal static class RecordStripeStep
{
    // By id alone: as ClaimStripeRequests.
    private const string Retry =
        """
        UPDATE stripe_requests
        SET due_at = now() + $2, next_publish_at = now() + $2, tries = $3, is_unanswered = $4, stripe_id = coalesce($5, stripe_id), error = $6,
            attempt = attempt + $7, asked_at = CASE WHEN $4 THEN asked_at END
        WHERE id = $1 AND claim = $8 AND coalesce(answered_at, 'infinity') = 'infinity'
        """;

    private const string IsSuperseded = "SELECT claim <> $2 FROM stripe_requests WHERE id = $1";

    /// <summary>Releases the claim and makes the request due again after the wait.</summary>
    public static async Task<RecordedRetry> RetryAsync(
        NpgsqlDataSource database, ClaimedStripeRequest request, StripeStep.Retry retry, CancellationToken cancellationToken)
    {
        await using (var update = database.CreateCommand(Retry))
        {
            update.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = request.Id });
            update.Parameters.Add(Parameter.Interval(retry.Wait));
            update.Parameters.Add(new NpgsqlParameter<int> { TypedValue = retry.Tries });
            update.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = retry.IsUnanswered });
            update.Parameters.Add(Parameter.Text(StoredText.Clean(retry.StripeId)));
            update.Parameters.Add(Parameter.Text(StoredText.Clean(retry.Reason)));
            update.Parameters.Add(new NpgsqlParameter<int> { TypedValue = retry.IsNewAttempt ? 1 : 0 });
            update.Parameters.Add(new NpgsqlParameter<long> { TypedValue = request.Claim });
            if (await update.ExecuteNonQueryAsync(cancellationToken) == 1) return RecordedRetry.Recorded;
        }

        await using var look = database.CreateCommand(IsSuperseded);
        look.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = request.Id });
        look.Parameters.Add(new NpgsqlParameter<long> { TypedValue = request.Claim });
        return await look.ExecuteScalarAsync(cancellationToken) is true ? RecordedRetry.Superseded : RecordedRetry.IsSettled;
    }

    /// <summary>Settles the charge or the refund with Stripe's result.</summary>
    public static async Task<StripeSettlement> SettleAsync(
        NpgsqlDataSource database, ClaimedStripeRequest request, StripeResult result, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var settlement = request.Kind == StripeRequestKind.Charge
            ? await SettleCharge.RunAsync(connection, request.ChargeId, result, request.Claim, cancellationToken)
            : await SettleRefund.RunAsync(connection, request.Id, result, request.Claim, cancellationToken);
        if (settlement is StripeSettlement.Settled or StripeSettlement.OutOfRange) await CommitLedger.RunAsync(transaction, cancellationToken);
        return settlement;
    }
}
