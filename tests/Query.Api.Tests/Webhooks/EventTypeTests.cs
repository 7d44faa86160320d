using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Contracts;
using Data.Charges;
using Data.Installments;
using Data.Payments;
using Data.Transactions;
using Data.Webhooks;
using Json.Schema;

namespace Query.Api.Tests.Webhooks;

public sealed class EventTypeTests(Databases databases)
{
    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private static readonly DateTimeOffset Time = new(2026, 1, 15, 10, 30, 0, 123, TimeSpan.Zero);

    public static TheoryData<string> Types => [.. WebhookEvents.All];

    [Fact]
    public async Task Every_type_is_listed_with_an_example_that_its_schema_allows()
    {
        var types = (await databases.Query.GetJsonAsync("/webhooks/event-types")).EnumerateArray().ToList();

        Assert.Equal(WebhookEvents.All, types.Select(type => type.GetProperty("type").GetString()));
        foreach (var type in types)
        {
            Assert.NotEmpty(type.GetProperty("description").GetString()!);
            Assert.Equal(type.GetProperty("type").GetString(), type.GetProperty("example").GetProperty("type").GetString());
            Assert.Empty(Faults(type.GetProperty("schema").GetRawText(), type.GetProperty("example")));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void What_is_sent_of_a_row_is_allowed_by_the_schema_whatever_is_empty_in_it(string type)
    {
        var schema = EventSchemas.Of(type).ToJsonString();
        foreach (var data in RowsOf(type))
        {
            var payload = EventBody.Of(new() { Id = Guid.NewGuid(), Type = type, ResourceId = "r", Sequence = 7, Data = data, CreatedAt = Time }, "envelope");

            Assert.Empty(Faults(schema, JsonElement.Parse(payload)));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_schema_is_closed_and_each_member_has_a_description(string type)
    {
        var schema = EventSchemas.Of(type);
        var example = JsonNode.Parse(Query.Api.Webhooks.ListEventTypes.ExampleOf(type))!.AsObject();
        foreach (var owner in (JsonObject[])[example, example["data"]!.AsObject()])
        {
            owner["unknown"] = 1;
            Assert.NotEmpty(Faults(schema.ToJsonString(), example));
            owner.Remove("unknown");
        }

        var data = schema["properties"]!["data"]!.AsObject();
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", schema["$schema"]!.GetValue<string>());
        Assert.All(data["properties"]!.AsObject(), member => Assert.NotEmpty(member.Value!["description"]!.GetValue<string>()));
        foreach (var required in data["required"]!.AsArray().Select(name => name!.GetValue<string>()))
        {
            var without = example.DeepClone();
            Assert.True(without["data"]!.AsObject().Remove(required));
            Assert.NotEmpty(Faults(schema.ToJsonString(), without));
        }
    }

    [Theory]
    [InlineData("charge.succeeded", "amount", "\"130.00\"")]
    [InlineData("charge.succeeded", "status", "\"SUCCEEDED\"")]
    [InlineData("charge.succeeded", "id", "\"1\"")]
    [InlineData("charge.succeeded", "id", "null")]
    [InlineData("charge.succeeded", "created_at", "\"2026-01-15\"")]
    [InlineData("charge.succeeded", "metadata", "\"text\"")]
    [InlineData("charge.succeeded", "customer_id", "\"a b\"")]
    [InlineData("charge.succeeded", "currency", "\"usd\"")]
    [InlineData("payment.failed", "amount", "250.00")]
    [InlineData("payment.failed", "id", "1.5")]
    [InlineData("transaction.failed", "failure_reason", "null")]
    [InlineData("installment.paid", "due_date", "\"2026-02-30\"")]
    [InlineData("order.completed", "installments", "[{}]")]
    public void A_value_that_is_never_sent_is_not_allowed(string type, string member, string value)
    {
        var example = JsonNode.Parse(Query.Api.Webhooks.ListEventTypes.ExampleOf(type))!;
        example["data"]![member] = JsonNode.Parse(value);

        Assert.NotEmpty(Faults(EventSchemas.Of(type).ToJsonString(), example));
    }

    private static List<string> Faults(string schema, JsonNode payload) => Faults(schema, JsonSerializer.SerializeToElement(payload));

    private static List<string> Faults(string schema, JsonElement payload)
    {
        var found = JsonSchema.FromText(schema).Evaluate(payload, Options);
        return found.IsValid
            ? []
            : [.. (found.Details ?? []).SelectMany(at => (at.Errors ?? []).Select(error => $"{at.InstanceLocation}: {error.Value}"))
                .DefaultIfEmpty("is not valid")];
    }

    private static IEnumerable<string> RowsOf(string type) => type.Split('.')[0] switch
    {
        "transaction" => [Json(TransactionReply.Of(Transaction("FAILED", "é")), TransactionReplyJson.Wire.TransactionReply),
            Json(TransactionReply.Of(Transaction("PROCESSED", null)), TransactionReplyJson.Wire.TransactionReply)],
        "payment" => [Json(PaymentReply.Of(Payment(isFull: true)), PaymentJson.Wire.PaymentReply),
            Json(PaymentReply.Of(Payment(isFull: false)), PaymentJson.Wire.PaymentReply)],
        "charge" => [Json(ChargeReply.Of(Charge(isFull: true)), ChargeJson.Wire.ChargeReply),
            Json(ChargeReply.Of(Charge(isFull: false)), ChargeJson.Wire.ChargeReply)],
        "installment" => [Json(InstallmentReply.Of(Installment(isFull: true), "JPY"), InstallmentJson.Wire.InstallmentReply),
            Json(InstallmentReply.Of(Installment(isFull: false), "KWD"), InstallmentJson.Wire.InstallmentReply)],
        "order" => [Json(OrderReply.Of(Order(isFull: true), [Installment(true), Installment(false)]), InstallmentJson.Wire.OrderReply),
            Json(OrderReply.Of(Order(isFull: false), [Installment(true)]), InstallmentJson.Wire.OrderReply)],
        _ => [Json(new NoticeReply("worker:w", "é", "Look.", "/admin/stats", Time.UtcDateTime, 3), NoticeJson.Wire.NoticeReply)],
    };

    private static string Json<T>(T reply, JsonTypeInfo<T> type) => JsonSerializer.Serialize(reply, type);

    private static Transaction Transaction(string status, string? reason) => new()
    {
        TransactionId = "t~:1",
        SourceAccount = "a",
        DestinationAccount = "b",
        Amount = 1500,
        Currency = "JPY",
        Status = status,
        CreatedAt = Time,
        ProcessedAt = status == "PROCESSED" ? null : Time,
        FailureReason = reason,
    };

    private static Payment Payment(bool isFull) => new()
    {
        Id = 1L << 40,
        UserId = 1,
        Type = PaymentType.Withdrawal,
        Status = isFull ? PaymentStatus.Failed : PaymentStatus.Pending,
        Amount = 1.5m,
        Currency = "KWD",
        BankReference = isFull ? "b" : null,
        ErrorMessage = isFull ? "e" : null,
        Description = isFull ? "d" : null,
        CreatedAt = Time,
        UpdatedAt = Time,
        ProcessedAt = isFull ? Time : null,
    };

    private static Charge Charge(bool isFull) => new()
    {
        Id = Guid.CreateVersion7(Time),
        CustomerId = "c",
        Amount = 130,
        Currency = "KWD",
        Status = isFull ? ChargeStatus.Failed : ChargeStatus.Succeeded,
        PaymentMethod = isFull ? ChargeSource.Mixed : null,
        WalletAmount = 100,
        ExternalAmount = 30,
        ExternalChargeId = isFull ? "pi" : null,
        FailureCode = isFull ? "f" : null,
        FailureMessage = isFull ? "m" : null,
        SplitInstructions = isFull ? """[{"destination":"a","amount":1.50}]""" : null,
        Metadata = """{"a":[1.50,null]}""",
        InstallmentId = isFull ? Guid.NewGuid() : null,
        InstallmentOrderId = isFull ? Guid.NewGuid() : null,
        CreatedAt = Time,
        UpdatedAt = isFull ? Time : null,
    };

    private static Installment Installment(bool isFull) => new()
    {
        Id = Guid.CreateVersion7(Time),
        OrderId = Guid.NewGuid(),
        Number = isFull ? 1 : 2,
        Amount = 10,
        DueDate = new(2026, 2, 28),
        Status = isFull ? InstallmentStatus.Paid : InstallmentStatus.Pending,
        ChargeId = isFull ? Guid.NewGuid() : null,
        Attempts = 1,
        NextAttemptAt = isFull ? Time : null,
        CreatedAt = Time,
        UpdatedAt = isFull ? Time : null,
    };

    private static InstallmentOrder Order(bool isFull) => new()
    {
        Id = Guid.CreateVersion7(Time),
        CustomerId = "c",
        Amount = 20,
        Currency = "USD",
        InstallmentCount = 2,
        InstallmentAmount = 10,
        Status = OrderStatus.Completed,
        TimeZone = "Europe/Berlin",
        SplitInstructions = isFull ? """{"as":"sent"}""" : null,
        Metadata = "{}",
        CreatedAt = Time,
        UpdatedAt = isFull ? Time : null,
    };
}
