using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Contracts;
using Data.Charges;
using Data.Installments;
using Data.Payments;
using Data.Transactions;
using Data.Webhooks;

namespace Data.Tests.Webhooks;

public class EventCatalogTests
{
    public static TheoryData<string> Types => [.. WebhookEvents.All];

    [Fact]
    public void Every_type_has_one_entry_in_the_order_of_the_types() => Assert.Equal(WebhookEvents.All, EventCatalog.Entries.Select(entry => entry.Type));

    [Theory]
    [MemberData(nameof(Types))]
    public void The_example_of_a_type_has_the_members_of_its_resource_and_no_others(string type)
    {
        using var example = JsonDocument.Parse(EventCatalog.Find(type).Example);

        var members = example.RootElement.EnumerateObject().Select(member => member.Name);

        Assert.Equal(MembersOf(type), members);
    }

    [Theory]
    [InlineData(WebhookEvents.TransactionFailed, "status", "\"FAILED\"")]
    [InlineData(WebhookEvents.PaymentSucceeded, "status", "\"success\"")]
    [InlineData(WebhookEvents.PaymentFailed, "status", "\"failed\"")]
    [InlineData(WebhookEvents.ChargeFailed, "failure_code", "\"card_declined\"")]
    [InlineData(WebhookEvents.ChargeRefunded, "refunded_amount", "30.00")]
    [InlineData(WebhookEvents.InstallmentPaid, "next_attempt_at", "null")]
    [InlineData(WebhookEvents.InstallmentFailed, "attempts", "4")]
    [InlineData(WebhookEvents.OrderCompleted, "status", "\"completed\"")]
    public void The_example_of_a_type_shows_what_the_type_says(string type, string member, string value)
    {
        using var example = JsonDocument.Parse(EventCatalog.Find(type).Example);

        Assert.Equal(value, example.RootElement.GetProperty(member).GetRawText());
    }

    [Fact]
    public void Examples_are_of_one_line()
    {
        Assert.All(EventCatalog.Entries, entry => Assert.DoesNotContain('\n', entry.Example));
    }

    private static IEnumerable<string> MembersOf(string type) => type.Split('.')[0] switch
    {
        "transaction" => NamesOf(TransactionWire.Default.TransactionReply).Where(name => name != "failure_reason" || type == WebhookEvents.TransactionFailed),
        "payment" => NamesOf(PaymentJson.Wire.PaymentReply),
        "charge" => NamesOf(ChargeJson.Wire.ChargeReply),
        "installment" => NamesOf(InstallmentJson.Wire.InstallmentReply),
        "order" => NamesOf(InstallmentJson.Wire.OrderReply),
        _ => ["cause", "detail", "what_to_do", "link", "first_seen_at", "count"],
    };

    private static IEnumerable<string> NamesOf(JsonTypeInfo type) => type.Properties.Select(property => property.Name);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TransactionReply))]
internal sealed partial class TransactionWire : JsonSerializerContext;
