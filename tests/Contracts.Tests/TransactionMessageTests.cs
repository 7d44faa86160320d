using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Contracts.Tests;

public class TransactionMessageTests
{
    private static readonly TransactionMessage Example = new(
        "txn_abc123def456", "acc_user_789", "acc_merchant_456", 1500.00m, "INR", new DateTimeOffset(2026, 1, 15, 10, 30, 0, TimeSpan.Zero));

    private static readonly Arbitrary<TransactionMessage> Any = Arb.From(
        from id in Id()
        from source in Id()
        from destination in Id()
        from tenThousandths in ArbMap.Default.GeneratorFor<long>()
        from currency in Gen.Elements(Currency.All.OrderBy(c => c.Code).ToArray())
        from microseconds in Gen.Choose(0, int.MaxValue)
        select new TransactionMessage(
            id, source, destination, tenThousandths / 10_000m, currency.Code, DateTimeOffset.UnixEpoch.AddDays(20_000).AddMicroseconds(microseconds)));

    [Fact]
    public void What_is_written_is_read_back_the_same() =>
        Prop.ForAll(Any, message => Read(Write(message)) == message).QuickCheckThrowOnFailure();

    [Fact]
    public void It_is_snake_case_with_the_amount_as_an_exact_decimal_string() => Assert.Equal(
        """
        {"transaction_id":"txn_abc123def456","source_account":"acc_user_789","destination_account":"acc_merchant_456",
        "amount":"1500.00","currency":"INR","created_at":"2026-01-15T10:30:00Z"}
        """.ReplaceLineEndings(""),
        Write(Example));

    [Fact]
    public void A_message_of_the_version_before_whose_time_has_an_offset_is_read_too() =>
        Assert.Equal(Example, Read(Write(Example).Replace("10:30:00Z", "16:00:00+05:30", StringComparison.Ordinal)));

    [Fact]
    public void A_member_that_a_later_version_adds_is_ignored()
    {
        var json = JsonNode.Parse(Write(Example))!.AsObject();
        json["reference"] = new JsonObject { ["nested"] = new JsonArray(1, 2) };
        Assert.Equal(Example, Read(json.ToJsonString()));
    }

    [Fact]
    public void An_amount_written_as_a_number_is_read_exactly()
    {
        var json = Write(Example).Replace("\"1500.00\"", "999999999999999.9999", StringComparison.Ordinal);
        Assert.Equal(999999999999999.9999m, Read(json)!.Amount);
    }

    [Theory]
    [InlineData("transaction_id"), InlineData("source_account"), InlineData("destination_account")]
    [InlineData("amount"), InlineData("currency"), InlineData("created_at")]
    public void A_message_without_one_of_its_members_is_refused(string member)
    {
        var json = JsonNode.Parse(Write(Example))!.AsObject();
        Assert.True(json.Remove(member));
        Assert.Contains(member, Assert.Throws<JsonException>(() => Read(json.ToJsonString())).Message, StringComparison.Ordinal);

        json[member] = null;
        Assert.Throws<JsonException>(() => Read(json.ToJsonString()));
    }

    [Theory]
    [InlineData(""), InlineData("{"), InlineData("[]"), InlineData("\"text\""), InlineData("\0")]
    public void What_is_no_JSON_object_is_refused(string body) => Assert.Throws<JsonException>(() => Read(body));

    private static Gen<string> Id() =>
        from length in Gen.Choose(1, 128)
        from letters in Gen.ArrayOf(Gen.Elements("ABCxyz0189._:~@-".ToCharArray()), length)
        select new string(letters);

    private static string Write(TransactionMessage message) => JsonSerializer.Serialize(message, MessageJson.Default.TransactionMessage);

    private static TransactionMessage? Read(string json) => JsonSerializer.Deserialize(json, MessageJson.Default.TransactionMessage);
}
