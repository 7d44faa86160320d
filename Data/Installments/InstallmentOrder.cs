namespace Data.Installments;

/// <summary>A row of <c>installment_orders</c>: an amount that a customer pays in parts. docs/installments.md has its states.</summary>
public sealed class InstallmentOrder
{
    /// <summary>A UUID of version 7: lists are ordered by it, newest first.</summary>
    public Guid Id { get; set; }

    /// <summary>The customer's id (<see cref="Contracts.Ids"/>).</summary>
    public required string CustomerId { get; set; }

    /// <summary>The sum of its installments.</summary>
    public decimal Amount { get; set; }

    /// <summary>ISO 4217, upper case.</summary>
    public required string Currency { get; set; }

    /// <summary>How many installments there are, 1 to 24.</summary>
    public int InstallmentCount { get; set; }

    /// <summary>The amount of each; where they differ, the smallest.</summary>
    public decimal InstallmentAmount { get; set; }

    /// <summary>One of <see cref="OrderStatus"/>.</summary>
    public required string Status { get; set; }

    /// <summary>The IANA time zone in which its due dates begin, such as <c>Europe/Berlin</c>.</summary>
    public required string TimeZone { get; set; }

    /// <summary>Stripe's payment method for the part that the wallet does not cover; null for none.</summary>
    public string? StripePaymentMethod { get; set; }

    /// <summary>Stripe's customer, whose default payment method serves; null for none.</summary>
    public string? StripeCustomer { get; set; }

    /// <summary>
    /// Days after a soft failure until the next attempt, one number an attempt (<see cref="Dunning.NextAfter"/>). Copied from the request or the setting
    /// <c>Installments__Dunning</c> when the order is made: who settles a charge needs no settings, and a change of the setting is for new orders.
    /// </summary>
    public int[] DunningDays { get; set; } = [.. Dunning.DefaultDays];

    /// <summary>As the caller sent them, JSON; every installment's charge has them. Null without.</summary>
    public string? SplitInstructions { get; set; }

    /// <summary>The caller's own data, a JSON object.</summary>
    public string Metadata { get; set; } = "{}";

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When a member that callers see last changed; null until the first change.</summary>
    public DateTimeOffset? UpdatedAt { get; set; }
}

/// <summary>Values of <see cref="InstallmentOrder.Status"/>.</summary>
public static class OrderStatus
{
    /// <summary>Created and not activated: nothing is charged.</summary>
    public const string Pending = "pending";

    /// <summary>Installments are charged when they fall due.</summary>
    public const string Active = "active";

    /// <summary>Every installment is paid. Final.</summary>
    public const string Completed = "completed";

    /// <summary>An installment failed for good; the ones that were open are cancelled. Final.</summary>
    public const string Failed = "failed";

    /// <summary>Cancelled by the caller; nothing more is charged. Final.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>All of them; the constraint <c>installment_orders_status_known</c> has the same list.</summary>
    public static readonly IReadOnlyList<string> All = [Pending, Active, Completed, Failed, Cancelled];
}

/// <summary>A row of <c>installments</c>: one part of an order, and when it is charged next.</summary>
public sealed class Installment
{
    /// <summary>A UUID of version 7.</summary>
    public Guid Id { get; set; }

    /// <summary>The order.</summary>
    public Guid OrderId { get; set; }

    /// <summary>Its place in the order, from 1.</summary>
    public int Number { get; set; }

    /// <summary>Greater than 0, in the order's currency.</summary>
    public decimal Amount { get; set; }

    /// <summary>The date on which it falls due, in the order's time zone.</summary>
    public DateOnly DueDate { get; set; }

    /// <summary>The instant at which that date begins there.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>One of <see cref="InstallmentStatus"/>.</summary>
    public required string Status { get; set; }

    /// <summary>The charge of the last attempt; null before the first.</summary>
    public Guid? ChargeId { get; set; }

    /// <summary>How many charges were made for it.</summary>
    public int Attempts { get; set; }

    /// <summary>
    /// When the worker charges it, by the business clock; null while it is not to be charged: the order is not active, a charge is pending, or final.
    /// </summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>The fence: how often a worker has claimed it.</summary>
    public long Claim { get; set; }

    /// <summary>The end of the lease, by the database's clock; null when no worker has it.</summary>
    public DateTimeOffset? ClaimedUntil { get; set; }

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When a member that callers see last changed; null until the first change.</summary>
    public DateTimeOffset? UpdatedAt { get; set; }
}

/// <summary>Values of <see cref="Installment.Status"/>.</summary>
public static class InstallmentStatus
{
    /// <summary>Not charged yet.</summary>
    public const string Pending = "pending";

    /// <summary>Its charge is pending.</summary>
    public const string Processing = "processing";

    /// <summary>Its charge succeeded. Final.</summary>
    public const string Paid = "paid";

    /// <summary>Its charge failed, and is tried again at next_attempt_at.</summary>
    public const string Overdue = "overdue";

    /// <summary>Its charge failed, and is not tried again. Final.</summary>
    public const string Failed = "failed";

    /// <summary>Its order was cancelled or failed before it was charged. Final.</summary>
    public const string Cancelled = "cancelled";
}
