namespace Faults.Charges;

/// <summary>Holds installments against their charges, and orders against their installments. Everything must be settled.</summary>
internal static class InstallmentJudge
{
    public static IEnumerable<string> Differences(ChargingCustomers customers, StoredCharges stored) =>
    [
        .. OfOrders(customers, stored), .. stored.Installments.SelectMany(installment => OfCharges(installment, stored.Charges)),
        .. OfStates(customers, stored),
    ];

    /// <summary>One order for each key.</summary>
    private static IEnumerable<string> OfOrders(ChargingCustomers customers, StoredCharges stored)
    {
        var orders = stored.Installments.GroupBy(installment => installment.OrderId).ToDictionary(order => order.Key, order => order.ToArray());
        foreach (var stranger in orders.Keys.Except(customers.Orders.Select(order => order.Id))) yield return $"order {stranger} was answered to nobody";
        foreach (var asked in customers.Orders)
        {
            if (!orders.TryGetValue(asked.Id, out var order)) yield return $"{asked} has no row";
            else if (order[0].OrderAmount != asked.Amount || order.Sum(installment => installment.Amount) != asked.Amount || order[0].OrderKey != asked.Key)
                yield return $"{asked} has installments of {order.Sum(installment => installment.Amount)}";
        }
    }

    /// <summary>One charge for each attempt, of which one at most succeeds, and then it is paid.</summary>
    private static IEnumerable<string> OfCharges(StoredInstallment installment, IReadOnlyList<StoredCharge> all)
    {
        var charges = all.Where(charge => charge.InstallmentId == installment.Id).ToArray();
        var paid = charges.Count(charge => charge.Status == "succeeded");
        if (charges.Length != installment.Attempts || installment.Attempts > installment.MostAttempts)
            yield return $"installment {installment.Id} had {charges.Length} charges in {installment.Attempts} attempts of {installment.MostAttempts}";
        if (paid > 1) yield return $"installment {installment.Id} was paid {paid} times";
        if ((installment.Status == "paid") != (paid == 1)) yield return $"installment {installment.Id} is {installment.Status}, with {paid} charges paid";
        if (installment.ChargeId != charges.LastOrDefault()?.Id) yield return $"installment {installment.Id} shows charge {installment.ChargeId}, not its last";
        if (charges.Any(charge => charge.Amount != installment.Amount)) yield return $"installment {installment.Id} was charged another amount";
    }

    private static IEnumerable<string> OfStates(ChargingCustomers customers, StoredCharges stored)
    {
        foreach (var order in stored.Installments.GroupBy(installment => (installment.OrderId, installment.OrderStatus)))
        {
            var statuses = order.Select(installment => installment.Status).ToArray();
            var isConsistent = order.Key.OrderStatus switch
            {
                "completed" => statuses.All(status => status == "paid"),
                "failed" => statuses.Count(status => status == "failed") == 1 && statuses.All(status => status is "paid" or "failed" or "cancelled"),
                "cancelled" => customers.Cancelled.Contains(order.Key.OrderId) && statuses.All(status => status is "paid" or "cancelled"),
                _ => false,
            };
            if (!isConsistent) yield return $"order {order.Key.OrderId} is {order.Key.OrderStatus}, and its installments are {string.Join(", ", statuses)}";
        }
    }
}
