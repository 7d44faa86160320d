using Data.Payments;

namespace Processor.Worker.Seed;

/// <summary>A user to try the payment gateway with.</summary>
/// <param name="Email">Lower case.</param>
/// <param name="Opening">The opening balance, in USD.</param>
/// <param name="IsAdmin">Whether they may see all users' payments.</param>
/// <param name="History">Their payments since, oldest first.</param>
internal sealed record SeedUser(string Email, decimal Opening, bool IsAdmin, params IReadOnlyList<SeedPayment> History);

/// <summary>A settled payment.</summary>
/// <param name="Type">One of <see cref="PaymentType"/>.</param>
/// <param name="Amount">In USD.</param>
/// <param name="DaysAgo">Its age in days.</param>
/// <param name="Description">The user's description.</param>
/// <param name="ErrorMessage">The bank's reason for refusing it; null when it succeeded.</param>
internal sealed record SeedPayment(string Type, decimal Amount, int DaysAgo, string Description, string? ErrorMessage = null);

/// <summary>The users that docs/credentials.md names: alice ends with 1000.00, bob with 500.00, charlie with nothing.</summary>
internal static class SeedUsers
{
    public const string Currency = "USD";

    public static IReadOnlyList<SeedUser> All { get; } =
    [
        new("alice@example.com", 900, IsAdmin: false,
            new SeedPayment(PaymentType.Deposit, 250, 21, "Salary, part"),
            new SeedPayment(PaymentType.Withdrawal, 120.50m, 14, "Rent, share"),
            new SeedPayment(PaymentType.Deposit, 75, 9, "Refund", "The bank refused the transfer."),
            new SeedPayment(PaymentType.Withdrawal, 29.50m, 3, "Cash")),
        new("bob@example.com", 500, IsAdmin: false,
            new SeedPayment(PaymentType.Deposit, 60, 12, "Sold a bicycle"),
            new SeedPayment(PaymentType.Withdrawal, 60, 5, "Bought a bicycle")),
        new("charlie@example.com", 0, IsAdmin: false,
            new SeedPayment(PaymentType.Deposit, 40, 2, "First try", "The bank refused the transfer.")),
        new("admin@example.com", 0, IsAdmin: true),
    ];
}
