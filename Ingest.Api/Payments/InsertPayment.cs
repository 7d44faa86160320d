using System.Diagnostics;
using Contracts;
using Data;
using Data.Ledger;
using Data.Payments;
using Npgsql;

namespace Ingest.Api.Payments;

/// <summary>The row of a payment, and for a withdrawal the hold on its money. In the caller's transaction.</summary>
internal static class InsertPayment
{
    /// <summary>
    /// How long the relay leaves a new payment to the record that is sent after the commit: far more than a worker needs that is well, and what a
    /// user waits at most when Kafka or the worker was away.
    /// </summary>
    private static readonly TimeSpan RelayAfter = TimeSpan.FromSeconds(10);

    private const string OwnCurrency = "SELECT currency FROM users WHERE id = $1";

    private const string Insert =
        $"""
        INSERT INTO payments (user_id, type, amount, currency, description, next_publish_at, traceparent)
        VALUES ($1, $2, $3, $4, $5, now() + $6, $7)
        RETURNING {PaymentReply.Columns}
        """;

    /// <summary>The currency of the user's account; null when there is no such user.</summary>
    public static async Task<Currency?> CurrencyOfAsync(NpgsqlConnection connection, long userId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(OwnCurrency, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = userId } } };
        return await command.ExecuteScalarAsync(cancellationToken) is string code ? Currency.Find(code) : null;
    }

    /// <summary>The payment; null when it is a withdrawal that available funds do not cover: then its row is in the transaction, to be rolled back.</summary>
    public static async Task<PaymentReply?> RunAsync(
        NpgsqlConnection connection, long userId, string type, Currency currency, PaymentRequest request, CancellationToken cancellationToken)
    {
        var payment = await InsertAsync(connection, userId, type, currency, request, cancellationToken);
        if (type != PaymentType.Withdrawal) return payment;
        var account = Accounts.OfUser(userId, currency.Code);
        return await PlaceHold.RunAsync(connection, SettlePayments.ReferenceOf(payment.Id), account, request.Amount, cancellationToken) ? payment : null;
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
