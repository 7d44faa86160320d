using System.Globalization;
using System.Security.Cryptography;
using Data;
using Data.Ledger;
using Data.Payments;
using Data.Users;
using Npgsql;

namespace Processor.Worker.Seed;

/// <summary>
/// Inserts a user with a history: the balance and the past payments are transfers of the ledger, so that the ledger check finds no difference.
/// </summary>
internal static class InsertUser
{
    private const string Opening = "opening";

    /// <summary>The time between a past payment's creation and its settlement.</summary>
    private static readonly TimeSpan BankTime = TimeSpan.FromSeconds(4);

    private const string PaymentColumns =
        "user_id, type, status, amount, currency, description, bank_reference, error_message, attempts, next_publish_at, created_at, updated_at, processed_at";

    private const string Payment =
        $"""
        INSERT INTO payments ({PaymentColumns})
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, 0, at + $10, at, at + $10, at + $10 FROM (SELECT now() - $9 AS at) AS moment
        RETURNING id
        """;

    /// <summary>Returns false when a user with this e-mail address exists; then nothing has changed.</summary>
    public static async Task<bool> RunAsync(NpgsqlConnection connection, SeedUser user, ApiKey key, CancellationToken cancellationToken)
    {
        if (await CreateUser.RunAsync(connection, user.Email, SeedUsers.Currency, user.IsAdmin, key.Hash, cancellationToken) is not { } created) return false;
        var account = await OpenAccount.RunAsync(connection, Accounts.OfUser(created.Id, SeedUsers.Currency), cancellationToken);
        var bank = await OpenAccount.RunAsync(connection, Accounts.OfBank(created.Id, SeedUsers.Currency), cancellationToken);

        var transfers = new List<NewTransfer>();
        if (user.Opening > 0)
            transfers.Add(Transfer(string.Create(CultureInfo.InvariantCulture, $"{Opening}:{created.Id}"), Opening, account, bank, user.Opening));
        foreach (var payment in user.History)
        {
            var id = await InsertPaymentAsync(connection, created.Id, payment, cancellationToken);
            if (payment.ErrorMessage is not null) continue;
            var received = payment.Type == PaymentType.Deposit ? payment.Amount : -payment.Amount;
            transfers.Add(Transfer(SettlePayments.ReferenceOf(id), payment.Type, account, bank, received));
        }

        var outcomes = await PostTransfers.RunAsync(connection, transfers, cancellationToken);
        if (outcomes.Any(outcome => outcome != PostOutcome.Posted))
            throw new InvalidOperationException($"The transfers of {user.Email} were not posted: {string.Join(", ", outcomes)}.");
        return true;
    }

    private static NewTransfer Transfer(string reference, string kind, long account, long bank, decimal received) =>
        new(reference, kind, SeedUsers.Currency, new Posting(account, received), new Posting(bank, -received));

    private static async Task<long> InsertPaymentAsync(NpgsqlConnection connection, long userId, SeedPayment payment, CancellationToken cancellationToken)
    {
        var prefix = payment.Type == PaymentType.Deposit ? "DEP" : "WTH";
        await using var command = new NpgsqlCommand(Payment, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = userId });
        command.Parameters.Add(Parameter.Text(payment.Type));
        command.Parameters.Add(Parameter.Text(payment.ErrorMessage is null ? PaymentStatus.Success : PaymentStatus.Failed));
        command.Parameters.Add(new NpgsqlParameter<decimal> { TypedValue = payment.Amount });
        command.Parameters.Add(Parameter.Text(SeedUsers.Currency));
        command.Parameters.Add(Parameter.Text(payment.Description));
        command.Parameters.Add(Parameter.Text($"{prefix}-{RandomNumberGenerator.GetHexString(12)}"));
        command.Parameters.Add(Parameter.Text(payment.ErrorMessage));
        command.Parameters.Add(Parameter.Interval(TimeSpan.FromDays(payment.DaysAgo)));
        command.Parameters.Add(Parameter.Interval(BankTime));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
