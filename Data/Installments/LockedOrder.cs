namespace Data.Installments;

/// <summary>
/// An order and its installments as they are while their rows are locked, and the changes that a transaction makes to them. Nobody else can change them
/// meanwhile, so the rules are decided here, in memory; <see cref="OrderRows"/> locks and writes. docs/installments.md has the states as a picture.
/// </summary>
/// <param name="order">The order.</param>
/// <param name="installments">All of its installments, by number.</param>
/// <param name="now">The database's time.</param>
/// <param name="businessNow">The time by which installments fall due (<see cref="Clock.BusinessClock"/>).</param>
public sealed class LockedOrder(InstallmentOrder order, IReadOnlyList<Installment> installments, DateTimeOffset now, DateTimeOffset businessNow)
{
    private readonly HashSet<Installment> _changed = [];

    /// <summary>The order, with the changes that were made.</summary>
    public InstallmentOrder Order => order;

    /// <summary>Its installments, by number, with the changes that were made.</summary>
    public IReadOnlyList<Installment> Installments => installments;

    /// <summary>Whether the order's row has changed.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>The installments that have changed.</summary>
    public IReadOnlyCollection<Installment> Changed => _changed;

    /// <summary>The installment of that id.</summary>
    public Installment this[Guid installmentId] => installments.Single(installment => installment.Id == installmentId);

    /// <summary>Whether an installment may be charged: its order is active, and it is neither paid, nor being charged, nor given up.</summary>
    public bool IsChargeable(Installment installment) => order.Status == OrderStatus.Active && IsOpen(installment);

    /// <summary>Makes a pending order active: its installments are charged when they fall due. Nothing, when it is active already.</summary>
    /// <returns>False when its state does not allow it; then nothing has changed.</returns>
    public bool Activate()
    {
        if (order.Status == OrderStatus.Active) return true;
        if (order.Status != OrderStatus.Pending) return false;
        Become(OrderStatus.Active);
        foreach (var installment in installments) Become(installment, InstallmentStatus.Pending, nextAttemptAt: installment.DueAt);
        return true;
    }

    /// <summary>
    /// Cancels an order: what is open is not charged any more. An installment whose charge is pending ends as its charge ends. Nothing, when it is cancelled
    /// already.
    /// </summary>
    /// <returns>False when its state does not allow it; then nothing has changed.</returns>
    public bool Cancel()
    {
        if (order.Status == OrderStatus.Cancelled) return true;
        if (order.Status is not (OrderStatus.Pending or OrderStatus.Active)) return false;
        End(OrderStatus.Cancelled);
        return true;
    }

    /// <summary>A charge was made for an installment that is chargeable, and is pending until <see cref="Settle"/>.</summary>
    public void Begin(Installment installment, Guid chargeId)
    {
        if (!IsChargeable(installment))
            throw new InvalidOperationException($"Installment {installment.Id} is {installment.Status}, so it is not to be charged.");
        installment.ChargeId = chargeId;
        installment.Attempts++;
        Become(installment, InstallmentStatus.Processing);
    }

    /// <summary>The charge of an installment has its outcome. Nothing, when no charge of it is pending: the outcome was settled before.</summary>
    /// <param name="installment">The installment.</param>
    /// <param name="isPaid">Whether the charge succeeded.</param>
    /// <param name="failureCode">Why it failed; null for none.</param>
    public void Settle(Installment installment, bool isPaid, string? failureCode)
    {
        if (installment.Status != InstallmentStatus.Processing) return;
        if (isPaid)
        {
            // Also when the order has ended meanwhile: the money was taken, and paid says so.
            Become(installment, InstallmentStatus.Paid);
            if (order.Status == OrderStatus.Active && installments.All(other => other.Status == InstallmentStatus.Paid)) Become(OrderStatus.Completed);
        }
        else if (order.Status != OrderStatus.Active)
        {
            Become(installment, InstallmentStatus.Cancelled);
        }
        else if (Dunning.NextAfter(installment.Attempts, order.DunningDays, failureCode) is { } wait)
        {
            Become(installment, InstallmentStatus.Overdue, nextAttemptAt: businessNow + wait);
        }
        else
        {
            Become(installment, InstallmentStatus.Failed);
            End(OrderStatus.Failed);
        }
    }

    private static bool IsOpen(Installment installment) => installment.Status is InstallmentStatus.Pending or InstallmentStatus.Overdue;

    private void End(string status)
    {
        Become(status);
        foreach (var open in installments.Where(IsOpen)) Become(open, InstallmentStatus.Cancelled);
    }

    private void Become(string status)
    {
        (order.Status, order.UpdatedAt) = (status, now);
        HasChanged = true;
    }

    // A worker's claim ends with every change: what it was for is done or not to be done any more.
    private void Become(Installment installment, string status, DateTimeOffset? nextAttemptAt = null)
    {
        (installment.Status, installment.NextAttemptAt) = (status, nextAttemptAt);
        (installment.ClaimedUntil, installment.UpdatedAt) = (null, now);
        _changed.Add(installment);
    }
}
