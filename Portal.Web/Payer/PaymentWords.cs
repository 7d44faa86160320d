using System.Globalization;
using Portal.Web.Ui;

namespace Portal.Web.Payer;

/// <summary>The values that the API uses for payments, and what pages call them.</summary>
internal static class PaymentWords
{
    public const string Deposit = "deposit", Withdrawal = "withdrawal", Success = "success", Failed = "failed", Pending = "pending";

    /// <summary>The types, as the filter offers them.</summary>
    public static readonly IReadOnlyList<string> Types = [Deposit, Withdrawal];

    /// <summary>The statuses, as the filter offers them.</summary>
    public static readonly IReadOnlyList<string> Statuses = [Pending, "processing", Success, Failed];

    /// <summary>The type with a capital letter.</summary>
    public static string Title(string type) => type == Deposit ? "Deposit" : "Withdrawal";

    /// <summary>The class of an amount: which way the money goes, or that it does not.</summary>
    public static string DirectionOf(Payment payment) => payment.Status == Failed ? "void" : payment.Type == Deposit ? "in" : "out";

    /// <summary>Where a user's payments are read. By user and not by type: an administrator who logs in here sees his own too, and nobody else's.</summary>
    public static string PathOf(string user, string? type = null, string? status = null, string? cursor = null, int limit = 50) => Query.Of(
        $"/api/v1/users/{Query.Segment(user)}/transactions", ("type", type), ("status", status), ("cursor", cursor),
        ("limit", limit.ToString(CultureInfo.InvariantCulture)));
}
