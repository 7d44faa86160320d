using System.Globalization;
using Contracts;
using Data.Installments;
using Ingest.Api.Charges;
using Ingest.Api.Requests;
using Ingest.Api.Wallets;
using ServiceDefaults.Problems;

namespace Ingest.Api.Installments;

/// <summary>An order that a caller asks for.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Amount">The sum of its installments.</param>
/// <param name="Currency">The currency.</param>
/// <param name="Zone">Where its dates begin.</param>
/// <param name="Schedule">The installments: each amount, and with a schedule of the caller's own each due date.</param>
/// <param name="Due">How the due dates follow each other where there is no such schedule.</param>
internal sealed record OrderRequest(
    string CustomerId, decimal Amount, Currency Currency, TimeZoneInfo Zone, IReadOnlyList<WantedInstallment> Schedule, DueRule Due)
{
    /// <summary>Whether installments are charged when they fall due; otherwise the order waits for its activation.</summary>
    public bool IsActive { get; init; }

    /// <summary>Days after each soft failure until the next attempt; null for the setting.</summary>
    public int[]? DunningDays { get; init; }

    /// <summary>Stripe's payment method; null without.</summary>
    public string? StripePaymentMethod { get; init; }

    /// <summary>Stripe's customer; null without.</summary>
    public string? StripeCustomer { get; init; }

    /// <summary>As they were sent, JSON; null without.</summary>
    public string? SplitInstructions { get; init; }

    /// <summary>The caller's own data, a JSON object.</summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>The due date of each installment.</summary>
    /// <param name="businessNow">The time by which installments fall due: without a first date they begin a month from now.</param>
    public DateOnly[] DatesFrom(DateTimeOffset businessNow)
    {
        var first = Due.First ?? DueDates.DateIn(businessNow, Zone).AddMonths(1);
        return [.. Schedule.Select((wanted, n) => wanted.DueDate ?? DueDates.Nth(first, Due.Interval, n))];
    }

    /// <summary>The request, or the 422 that names every field that is not acceptable.</summary>
    public static (OrderRequest? Request, Problem? Problem) Read(JsonMembers members)
    {
        var customer = members.Id("customer_id");
        var currency = members.Currency("currency", CreateWalletEndpoint.DefaultCurrency) ?? CreateWalletEndpoint.DefaultCurrency;
        var amount = members.Amount("amount", currency);
        var zone = ReadZone(members);
        var (schedule, due) = ScheduleRequest.Read(members, amount, currency, zone ?? TimeZoneInfo.Utc);
        var (split, _) = SplitRequest.Read(members, "split_instructions", amount, currency);
        var request = new OrderRequest(customer ?? "", amount, currency, zone ?? TimeZoneInfo.Utc, schedule, due)
        {
            IsActive = members.OptionalFlag("activate") ?? true,
            DunningDays = ReadDunning(members),
            StripePaymentMethod = members.StripeId("stripe_payment_method"),
            StripeCustomer = members.StripeId("stripe_customer"),
            SplitInstructions = split,
            Metadata = members.Metadata("metadata"),
        };
        return members.Problem is { } problem ? (null, problem) : (request, null);
    }

    private static TimeZoneInfo? ReadZone(JsonMembers members)
    {
        const string Rule = "must be a time zone of IANA's, such as UTC or Europe/Berlin";
        return members.OptionalText("time_zone", Rule, id => DueDates.FindZone(id) is not null) is { } known ? DueDates.FindZone(known) : TimeZoneInfo.Utc;
    }

    private static int[]? ReadDunning(JsonMembers members)
    {
        if (members.Find("dunning") is not { ValueKind: not System.Text.Json.JsonValueKind.Null } member) return null;
        if (WholeNumbers.Of(member, Dunning.MaxRetries, 0, Dunning.MaxDays) is { } days)
        {
            members.Take("dunning", string.Join(' ', days));
            return days;
        }

        members.Refuse("dunning", string.Create(CultureInfo.InvariantCulture,
            $"must be an array of at most {Dunning.MaxRetries} whole numbers of days, each from 0 to {Dunning.MaxDays}, such as [1,3,5]; "
            + $"[] for one attempt only"));
        return null;
    }
}
