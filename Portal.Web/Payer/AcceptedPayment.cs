namespace Portal.Web.Payer;

/// <summary>A payment that the API has just accepted.</summary>
/// <param name="Type"><c>deposit</c> or <c>withdrawal</c>.</param>
/// <param name="Amount">The amount with its currency.</param>
/// <param name="Href">Its page.</param>
public sealed record AcceptedPayment(string Type, string Amount, string Href);
