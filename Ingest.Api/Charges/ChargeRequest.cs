using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Contracts;
using Data.Charges;
using Ingest.Api.Requests;
using Ingest.Api.Wallets;
using ServiceDefaults.Problems;

namespace Ingest.Api.Charges;

/// <summary>Reads the body of <c>POST /charges</c>.</summary>
internal static class ChargeRequest
{
    /// <summary>The charge, or the 422 that names every field that is not acceptable.</summary>
    /// <param name="members">The body.</param>
    /// <param name="id">The new charge's id.</param>
    /// <param name="traceParent">The request's trace.</param>
    public static (NewCharge? Charge, Problem? Problem) Read(JsonMembers members, Guid id, string? traceParent)
    {
        var customer = members.Id("customer_id");
        var currency = members.Currency("currency", CreateWalletEndpoint.DefaultCurrency);
        var amount = members.Amount("amount", currency ?? CreateWalletEndpoint.DefaultCurrency);
        var (split, parts) = SplitRequest.Read(members, "split_instructions", amount, currency ?? CreateWalletEndpoint.DefaultCurrency);
        var charge = new NewCharge(id, customer ?? "", amount, currency ?? CreateWalletEndpoint.DefaultCurrency)
        {
            OnlyFrom = members.OptionalText(
                "payment_method", "must be wallet or external, to take the money from there alone, or left out",
                text => text is ChargeSource.Wallet or ChargeSource.External),
            StripePaymentMethod = members.StripeId("stripe_payment_method"),
            StripeCustomer = members.StripeId("stripe_customer"),
            SplitInstructions = split,
            Parts = parts,
            Metadata = members.Metadata("metadata"),
            InstallmentId = members.OptionalUuid("installment_id"),
            InstallmentOrderId = members.OptionalUuid("installment_order_id"),
            TraceParent = traceParent,
        };
        return members.Problem is { } problem ? (null, problem) : (charge, null);
    }

    /// <summary>An id of Stripe's, which may be left out or null.</summary>
    public static string? StripeId(this JsonMembers members, string name) =>
        members.OptionalText(name, $"must be an id of Stripe's, such as pm_card_visa: {Ids.Allowed}", text => Ids.IsValid(text));
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("NewCharge")]
internal sealed record ChargeBody(
    [property: Description("The customer's id, yours."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string CustomerId,
    [property: Description("Greater than 0, as a number or as a decimal string; no more decimals than the currency has.")] decimal Amount,
    [property: Description("An active ISO 4217 code, in any case. Without it USD."), RegularExpression(Contracts.Currency.AnyCasePattern)]
    string? Currency = null,
    [property: Description("Stripe's payment method for what the wallet does not cover."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)]
    string? StripePaymentMethod = null,
    [property: Description("Stripe's customer; alone, its default payment method serves."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)]
    string? StripeCustomer = null,
    [property: Description("wallet or external takes the money from there alone.")]
    [property: AllowedValues(ChargeSource.Wallet, ChargeSource.External)] string? PaymentMethod = null,
    [property: Description("The installment that it is for.")] Guid? InstallmentId = null,
    [property: Description("The order of that installment.")] Guid? InstallmentOrderId = null,
    [property: Description("Who gets what: an array of {destination, amount or percent}, which is carried out. An object is only kept.")]
    KeptJson? SplitInstructions = null,
    [property: Description("Your own data, an object of at most 16 KiB.")] JsonObject? Metadata = null);
