namespace Portal.Web.Payer;

/// <summary>A step on a payment's way.</summary>
/// <param name="State">One of <see cref="PaymentTimeline"/>'s states, which are classes of the timeline.</param>
/// <param name="Title">What the step is.</param>
/// <param name="Text">What it means for the payer.</param>
/// <param name="At">When it happened; null when it has not, or when it is not known.</param>
internal sealed record TimelineStep(string State, string Title, string Text, DateTimeOffset? At = null);

/// <summary>A payment's way as far as the API tells of it: accepted, sent to the bank, answered by the bank, settled.</summary>
internal static class PaymentTimeline
{
    public const string Done = "done", Now = "now", Failed = "failed", Later = "later";

    /// <summary>The steps, in order.</summary>
    public static IReadOnlyList<TimelineStep> Of(Payment payment) => [Accepted(payment), Sent(payment), Answered(payment), Settled(payment)];

    private static TimelineStep Accepted(Payment payment) => new(
        Done, "Accepted",
        payment.Type == PaymentWords.Deposit ? "It is stored, and cannot be lost." : $"{Money(payment)} were set aside for it: the hold.",
        payment.CreatedAt);

    private static TimelineStep Sent(Payment payment) => payment switch
    {
        { BankReference: { } reference } => new(Done, "Sent to the bank", $"The bank knows it as {reference}."),
        { IsSettled: true } => new(Done, "Sent to the bank", "The bank gave no reference."),
        { ErrorMessage: { } trouble } => new(Now, "Sent to the bank", $"The last try did not succeed, and it is tried again. {trouble}", payment.UpdatedAt),
        { Status: PaymentWords.Pending } => new(Now, "Sent to the bank", "It waits for its turn."),
        _ => new(Now, "Sent to the bank", "It is on its way to the bank."),
    };

    private static TimelineStep Answered(Payment payment) => payment switch
    {
        { IsSettled: true, Status: PaymentWords.Failed } =>
            new(Failed, "Not carried out by the bank", payment.ErrorMessage ?? "The bank gave no reason.", payment.ProcessedAt),
        { IsSettled: true } => new(Done, "Answered by the bank", "The bank has carried it out.", payment.ProcessedAt),
        { BankReference: not null, ErrorMessage: { } trouble } =>
            new(Now, "Answered by the bank", $"The bank has not answered, and is asked again. {trouble}", payment.UpdatedAt),
        { BankReference: not null } => new(Now, "Answered by the bank", "The bank is working on it. It takes some seconds, seldom longer."),
        _ => new(Later, "Answered by the bank", "Not yet."),
    };

    private static TimelineStep Settled(Payment payment) => (payment.IsSettled, payment.Type, payment.Status) switch
    {
        (false, PaymentWords.Deposit, _) => new(Later, "Settled", $"{Money(payment)} will be added to your balance."),
        (false, _, _) => new(Later, "Settled", $"{Money(payment)} will leave your balance. Until then they are held."),
        (_, PaymentWords.Deposit, PaymentWords.Failed) => new(Failed, "Failed", "Nothing was added to your balance.", payment.ProcessedAt),
        (_, PaymentWords.Deposit, _) => new(Done, "Settled", $"{Money(payment)} were added to your balance.", payment.ProcessedAt),
        (_, _, PaymentWords.Failed) => new(Failed, "Failed", $"The hold was given back: {Money(payment)} are available again.", payment.ProcessedAt),
        _ => new(Done, "Settled", $"{Money(payment)} left your balance, and the hold has ended.", payment.ProcessedAt),
    };

    private static string Money(Payment payment) => $"{payment.Amount} {payment.Currency}";
}
