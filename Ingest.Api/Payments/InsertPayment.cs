using System.Diagnostics;
using Contracts;
using Data;
using Data.Ledger;
using Data.Payments;
using Npgsql;

namespace Ingest.Api.Payments;

/// <summary>Inserts a payment and, for a withdrawal, places a hold on its amount. In the caller's transaction.</summary>
internal static class InsertPayment
{
    /// <summary>
    /// When the relay publishes a new payment whose record, sent after the commit, has not been processed: far more time than a healthy worker needs, and the
    /// longest that a user waits when Kafka or the worker was away.
    /// </summary>
    private static readonly TimeSpan RelayAfter = TimeSpan.FromSeconds(10);

    private const string FindAccount =
        """
        SELECT u.currency, coalesce(a.balance, 0) FROM users u LEFT JOIN accounts a ON a.owner = 'user:' || u.id AND a.currency = u.currency
        WHERE u.id = $1
        """;

    private const string Insert =
        $"""
        INSERT INTO payments (user_id, type, amount, currency, description, next_publish_at, traceparent)
        VALUES ($1, $2, $3, $4, $5, now() + $6, $7)
        RETURNING {PaymentReply.Columns}
        """;

    /// <summary>The user's account; null when there is no such user.</summary>
    public static async Task<PayerAccount?> FindAccountAsync(NpgsqlConnection connection, long userId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindAccount, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = userId } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? new(Currency.Find(row.GetString(0))!, row.GetDecimal(1)) : null;
    }

    /// <summary>
    /// The payment; null, and what is available, when it is a withdrawal that the available balance does not cover: its row is in the transaction, and the
    /// caller rolls it back.
    /// </summary>
    public static async Task<(PaymentReply? Payment, decimal Available)> RunAsync(
        NpgsqlConnection connection, long userId, string type, Currency currency, PaymentRequest request, CancellationToken cancellationToken)
    {
        var payment = await InsertAsync(connection, userId, type, currency, request, cancellationToken);
        if (type != PaymentType.Withdrawal) return (payment, 0);
        var account = Accounts.OfUser(userId, currency.Code);
        return await PlaceHold.RunAsync(connection, SettlePayments.ReferenceOf(payment.Id), account, request.Amount, cancellationToken)
            ? (payment, 0)
            : (null, await PlaceHold.AvailableAsync(connection, account, cancellationToken));
    }

    private static async Task<PaymentReply> InsertAsync(
        NpgsqlConnection connection, long userId, string type, Currency currency, PaymentRequest request, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Insert, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = userId },
                new NpgsqlParameter<string> { TypedValue = type },
                new NpgsqlParameter<decimal> { TypedValue = request.Amount },
                new NpgsqlParameter<string> { TypedValue = currency.Code },
                Parameter.Text(request.Description),
                Parameter.Interval(RelayAfter),
                Parameter.Text(Activity.Current?.Id),
            },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return PaymentReply.Read(row);
    }
}

/// <summary>The account of the user who pays.</summary>
/// <param name="Currency">Its currency.</param>
/// <param name="Balance">Its balance; not locked, so it may have changed since.</param>
internal sealed record PayerAccount(Currency Currency, decimal Balance);
