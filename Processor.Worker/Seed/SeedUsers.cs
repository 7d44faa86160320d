using Data.Payments;

namespace Processor.Worker.Seed;

/// <summary>Somebody to try the payment gateway with.</summary>
/// <param name="Email">Lower case.</param>
/// <param name="Opening">What the account begins with, in USD.</param>
/// <param name="IsAdmin">Whether they see everybody's things.</param>
/// <param name="History">What they have done since, oldest first.</param>
internal sealed record SeedUser(string Email, decimal Opening, bool IsAdmin, params IReadOnlyList<SeedPayment> History);

/// <summary>A payment that is over.</summary>
/// <param name="Type">One of <see cref="PaymentType"/>.</param>
/// <param name="Amount">In USD.</param>
/// <param name="DaysAgo">When it was.</param>
/// <param name="Description">As its user would have written it.</param>
/// <param name="ErrorMessage">Why the bank refused it; null: it did not.</param>
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
