using System.Globalization;
using System.Text.Json;
using Contracts;
using Data.Installments;
using Ingest.Api.Requests;

namespace Ingest.Api.Installments;

/// <summary>An installment that a caller asks for.</summary>
/// <param name="Amount">Its amount.</param>
/// <param name="DueDate">Its date; null where it follows from the first one.</param>
internal readonly record struct WantedInstallment(decimal Amount, DateOnly? DueDate);

/// <summary>How due dates follow each other.</summary>
/// <param name="First">The first; null for a month from now.</param>
/// <param name="Interval">One of <see cref="DueInterval"/>.</param>
internal readonly record struct DueRule(DateOnly? First, string Interval);

/// <summary>Reads how an amount is paid in parts: a count, or a schedule of the caller's own.</summary>
internal static class ScheduleRequest
{
    private const string DateRule = "must be a date such as 2026-01-31, or an RFC 3339 time, from 1970 to 2199";
    private const string CountRule = "must be a whole number from 1 to 24";

    private static readonly string[] OfCount = ["installment_count", "installment_amount", "interval", "first_due_date"];

    /// <summary>The installments; what is not acceptable is said to <paramref name="members"/>.</summary>
    /// <param name="members">The body.</param>
    /// <param name="amount">The order's amount; 0 when it was refused.</param>
    /// <param name="currency">Its currency.</param>
    /// <param name="zone">Its zone: a time counts by its date there.</param>
    public static (IReadOnlyList<WantedInstallment> Installments, DueRule Due) Read(
        JsonMembers members, decimal amount, Currency currency, TimeZoneInfo zone)
    {
        if (members.Find("schedule") is not { ValueKind: not JsonValueKind.Null } schedule) return ReadCount(members, amount, currency, zone);
        foreach (var name in OfCount.Where(name => members.Find(name) is { ValueKind: not JsonValueKind.Null }))
            members.Refuse(name, "must be left out: schedule has every amount and date");
        return (ReadOwn(members, schedule, amount, currency, zone), new(null, DueInterval.Month));
    }

    private static (IReadOnlyList<WantedInstallment> Installments, DueRule Due) ReadCount(
        JsonMembers members, decimal amount, Currency currency, TimeZoneInfo zone)
    {
        var rule = $"must be one of {string.Join(", ", DueInterval.All)}";
        var interval = members.OptionalText("interval", rule, DueInterval.All.Contains) ?? DueInterval.Month;
        var first = ReadFirst(members, zone);
        var given = members.OptionalAmount("installment_amount", currency);
        if (members.Find("installment_count") is not { } member)
        {
            members.Refuse("installment_count", $"is missing; it {CountRule}, or send a schedule in its place");
            return ([], default);
        }

        if (!WholeNumbers.TryRead(member, 1, InstallmentPlan.MaxCount, out var count))
        {
            members.Refuse("installment_count", CountRule);
            return ([], default);
        }

        members.Take("installment_count", count.ToString(CultureInfo.InvariantCulture));
        if (amount == 0) return ([], default);
        if (given > 0 && given * count != amount)
        {
            members.Refuse("installment_amount", string.Create(CultureInfo.InvariantCulture,
                $"times {count} is {Currency.Format(given.Value * count, currency.Code)}, not the amount of {Currency.Format(amount, currency.Code)}; leave it "
                + $"out to have the remainder shared out"));
        }

        var shares = InstallmentPlan.Share(amount, currency, count);
        if (shares[^1] == 0) members.Refuse("installment_count", $"is more than the amount has units of {currency.Code}; send a smaller one");
        return ([.. shares.Select(share => new WantedInstallment(share, null))], new(first, interval));
    }

    private static List<WantedInstallment> ReadOwn(JsonMembers members, JsonElement schedule, decimal amount, Currency currency, TimeZoneInfo zone)
    {
        var installments = new List<WantedInstallment>();
        if (schedule.ValueKind != JsonValueKind.Array || schedule.GetArrayLength() is 0 or > InstallmentPlan.MaxCount)
        {
            members.Refuse("schedule", "must be an array of 1 to 24 installments, such as {\"due_date\":\"2026-01-31\",\"amount\":50.00}");
            return installments;
        }

        foreach (var (n, element) in schedule.EnumerateArray().Index())
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"schedule[{n}]");
            if (ReadOne(members, name, element, currency, zone) is not { } installment) continue;
            if (installments.Count > 0 && installments[^1].DueDate >= installment.DueDate)
                members.Refuse($"{name}.due_date", "must be later than the one before; send the installments in the order of their dates");
            installments.Add(installment);
        }

        var sum = installments.Sum(installment => installment.Amount);
        if (amount > 0 && installments.Count == schedule.GetArrayLength() && sum != amount)
        {
            members.Refuse("schedule", $"has amounts that sum to {Currency.Format(sum, currency.Code)}; they must sum to the amount, "
                + $"{Currency.Format(amount, currency.Code)}");
        }

        members.Take("schedule", string.Join(' ', installments.Select(one => $"{one.DueDate:yyyy-MM-dd} {one.Amount.ToString(CultureInfo.InvariantCulture)}")));
        return installments;
    }

    private static WantedInstallment? ReadOne(JsonMembers members, string name, JsonElement element, Currency currency, TimeZoneInfo zone)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            members.Refuse(name, "must be an object with a due_date and an amount");
            return null;
        }

        var date = element.TryGetProperty("due_date", out var due) && JsonMembers.TextOf(due) is { } text ? DateOf(text, zone) : null;
        if (date is null) members.Refuse($"{name}.due_date", DateRule);
        var (amount, fault) = element.TryGetProperty("amount", out var member) ? AmountText.Of(member, currency) : (0, $"is missing; it {AmountText.Rule}");
        if (fault is not null) members.Refuse($"{name}.amount", fault);
        return date is null || fault is not null ? null : new(amount, date);
    }

    private static DateOnly? ReadFirst(JsonMembers members, TimeZoneInfo zone)
    {
        if (members.OptionalText("first_due_date", DateRule, text => DateOf(text, zone) is not null) is not { } text) return null;
        var date = DateOf(text, zone)!.Value;
        members.Take("first_due_date", date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        return date;
    }

    /// <summary>A date, or the date of a time in the zone; null for anything else.</summary>
    private static DateOnly? DateOf(string text, TimeZoneInfo zone)
    {
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            if (!Rfc3339.TryParse(text, out var utc) || utc.Year is < 1970 or > 2199) return null;
            date = DueDates.DateIn(utc, zone);
        }

        return date.Year is >= 1970 and <= 2199 ? date : null;
    }
}
