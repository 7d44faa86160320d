namespace Faults.Charges;

/// <summary>Holds what customers were answered, what is stored and Stripe's books against each other. Everything must be settled.</summary>
internal static class ChargeJudge
{
    /// <summary>What does not agree, a sentence each.</summary>
    public static IEnumerable<string> Differences(ChargingCustomers customers, StoredCharges stored) =>
    [
        .. OfAnswers(customers, stored), .. OfRefunds(customers, stored), .. OfOutcomes(customers, stored), .. OfIntents(stored), .. OfRefundsAtStripe(stored),
        .. OfWallets(customers, stored), .. InstallmentJudge.Differences(customers, stored),
    ];

    /// <summary>One row for each key, with the content that was asked for and the outcome that was answered; and no others.</summary>
    private static IEnumerable<string> OfAnswers(ChargingCustomers customers, StoredCharges stored)
    {
        var rows = stored.Charges.Where(charge => charge.InstallmentId is null).ToLookup(charge => charge.Key ?? "");
        var answered = customers.Charges.ToDictionary(charge => charge.Key);
        foreach (var same in rows.Where(same => same.Count() > 1))
            yield return $"{same.Count()} charges were made for the Idempotency-Key {same.Key}, such as {same.First().Id}";
        foreach (var row in rows.SelectMany(same => same).Where(row => row.Key is null || !answered.ContainsKey(row.Key)))
            yield return $"charge {row.Id} was answered to nobody";
        foreach (var asked in customers.Charges)
        {
            if (rows[asked.Key].FirstOrDefault(row => row.Id == asked.Id) is not { } row) yield return $"{asked} has no row";
            else if ((row.Customer, row.Amount) != (asked.Customer, asked.Amount)) yield return $"{asked} is stored as {row}";
            else if (asked.Status != "pending" && asked.Status != row.Status) yield return $"{asked} is {row.Status} in the end";
        }
    }

    private static IEnumerable<string> OfRefunds(ChargingCustomers customers, StoredCharges stored)
    {
        var rows = stored.Refunds.ToLookup(refund => refund.Key ?? "");
        var answered = customers.Refunds.Select(refund => refund.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var same in rows.Where(same => same.Count() > 1)) yield return $"{same.Count()} refunds were made for the Idempotency-Key {same.Key}";
        foreach (var row in stored.Refunds.Where(row => !answered.Contains(row.Key ?? ""))) yield return $"refund {row.Id} was answered to nobody";
        foreach (var row in stored.Refunds.Where(row => row.Status == "pending")) yield return $"refund {row.Id} is pending in the end";
        foreach (var asked in customers.Refunds)
        {
            var row = rows[asked.Key].FirstOrDefault(row => row.Id == asked.Id && row.ChargeId == asked.ChargeId);
            if (row is null) yield return $"{asked} has no row";
            else if (asked.Status != "pending" && asked.Status != row.Status) yield return $"{asked} is {row.Status} in the end";
        }
    }

    /// <summary>Every charge has an outcome, and one that its card can have.</summary>
    private static IEnumerable<string> OfOutcomes(ChargingCustomers customers, StoredCharges stored)
    {
        var cards = customers.Charges.Select(charge => (charge.Key, charge.Card))
            .Concat(customers.Orders.Select(order => (order.Key, order.Card))).ToDictionary();
        foreach (var row in stored.Charges)
        {
            if (row.Status == "pending") yield return $"charge {row.Id} is pending in the end";
            else if (!Cards.MayEndSo(cards.GetValueOrDefault(row.Key ?? ""), row.Status == "succeeded", row.External, row.FailureCode))
                yield return $"charge {row.Id} of {row.External} by {cards.GetValueOrDefault(row.Key ?? "")} is {row.Status} ({row.FailureCode})";
        }
    }

    /// <summary>Row by row: Stripe was paid once where our charge succeeded with a card's part, and for nothing else; refunded as we say.</summary>
    private static IEnumerable<string> OfIntents(StoredCharges stored)
    {
        var refunded = stored.Refunds.Where(refund => refund.Status == "succeeded").ToLookup(refund => refund.ChargeId, refund => refund.External);
        var intents = stored.Intents.ToLookup(intent => intent.ChargeId);
        foreach (var intent in stored.Intents.Where(intent => intent.Status is not ("succeeded" or "requires_payment_method")))
            yield return $"Stripe's {intent.Id} is {intent.Status} in the end";
        foreach (var stranger in intents.Select(same => same.Key).Except(stored.Charges.Select(charge => $"{charge.Id}")))
            yield return $"Stripe has been asked for a charge {stranger}, which there is not";
        foreach (var charge in stored.Charges)
        {
            var all = intents[$"{charge.Id}"].ToArray();
            var paid = all.Where(intent => intent.Status == "succeeded").ToArray();
            if (all.Length > 1) yield return $"Stripe has carried out charge {charge.Id} {all.Length} times, {paid.Length} with success";
            else if (paid.Length == 0 && charge is { Status: "succeeded", External: > 0 }) yield return $"charge {charge.Id} succeeded, and not at Stripe";
            else if (paid.Length > 0 && charge.Status != "succeeded") yield return $"charge {charge.Id} is {charge.Status}, and {paid[0].Id} was paid";
            else if (paid.Length > 0 && (paid[0].Id, paid[0].Amount, paid[0].Refunded)
                != (charge.Intent, Units(charge.External), Units(refunded[charge.Id].Sum())))
                yield return $"{charge}, of which {refunded[charge.Id].Sum()} was given back, is {paid[0]} at Stripe";
        }
    }

    private static IEnumerable<string> OfRefundsAtStripe(StoredCharges stored)
    {
        var refunds = stored.StripeRefunds.ToLookup(refund => refund.RefundId);
        foreach (var stranger in refunds.Select(same => same.Key).Except(stored.Refunds.Select(refund => $"{refund.Id}")))
            yield return $"Stripe has been asked for a refund {stranger}, which there is not";
        foreach (var refund in stored.Refunds)
        {
            var all = refunds[$"{refund.Id}"].ToArray();
            var isOurs = refund is { Status: "succeeded", External: > 0 };
            if (all.Length > 1) yield return $"Stripe has carried out refund {refund.Id} {all.Length} times";
            else if (all.Any(one => one.Status == "succeeded") != isOurs) yield return $"{refund} is {all.FirstOrDefault()?.Status ?? "unknown"} at Stripe";
            else if (isOurs && (all[0].Id, all[0].Amount) != (refund.StripeId, Units(refund.External))) yield return $"{refund} is {all[0]} at Stripe";
        }
    }

    /// <summary>In a wallet is what was answered to have been put in, and what our charges took and our refunds gave.</summary>
    private static IEnumerable<string> OfWallets(ChargingCustomers customers, StoredCharges stored) =>
        from name in ChargingCustomers.Names
        let due = customers.Credits.Where(credit => credit.Customer == name).Sum(credit => credit.Amount)
            - stored.Charges.Where(charge => charge.Customer == name && charge.Status == "succeeded").Sum(charge => charge.Wallet)
            + stored.Refunds.Where(refund => refund.Customer == name && refund.Status == "succeeded").Sum(refund => refund.Wallet)
        let balance = stored.Wallets.GetValueOrDefault(name)
        where balance != due
        select $"the wallet of {name} has {balance}, and by what was answered it has {due}";

    private static long Units(decimal amount) => (long)(amount * 100); // All is in USD.
}
