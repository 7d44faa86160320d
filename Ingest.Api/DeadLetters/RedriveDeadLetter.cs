using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Contracts;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.DeadLetters;

/// <summary>
/// <c>POST /admin/dead-letters/{id}/redrive</c>: sends one dead letter again, as it was or as the caller has repaired it. Its row is locked until Kafka has
/// acknowledged, so of two requests for the same letter the second waits and is answered 404.
/// </summary>
internal static class RedriveDeadLetter
{
    private const string KafkaAway = "Kafka cannot be reached at the moment. The dead letter stays; try again shortly.";

    private const string Lock = $"SELECT {StoredDeadLetter.Columns} FROM dead_letters WHERE id = $1 FOR UPDATE";

    private const string Example =
        """
        {"key":"txn_abc123def456","value":{"transaction_id":"txn_abc123def456","source_account":"acc_user_789","destination_account":"acc_merchant_456",
         "amount":"1500.00","currency":"INR","created_at":"2024-01-15T10:30:00.123456Z"}}
        """;

    public static void MapRedriveDeadLetter(this RouteGroupBuilder group) => group.MapPost("/{id:long}/redrive", HandleAsync)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("redriveDeadLetter")
        .WithSummary("Sends one dead letter again")
        .WithDescription(
            "Sends the record to the topic it came from, with its key, and deletes the dead letter once Kafka has it. With a body: as it is repaired there. "
            + "A payment that was given up (reason given_up) is opened again, and the bank is asked first whether it knows it. "
            + "A record that is still not understood comes back as another dead letter, with its reason.")
        .Accepts<RedriveRequest>(isOptional: true, "application/json")
        .WithPathNumber("id", 12)
        .WithRequestExample(Example)
        .Answers(StatusCodes.Status200OK, "Kafka has the record, or the payment is open again; the dead letter is deleted.")
        .WithResponseExample(StatusCodes.Status200OK, """{"id":12,"topic":"transactions","status":"redriven"}""")
        .Fails(StatusCodes.Status400BadRequest, "There is a body, and it cannot be read as a JSON object.")
        .Fails(DeleteDeadLetter.NotThere(12), "There is no such dead letter (any more).")
        .Fails(NotGivenUp, "The payment cannot be opened again: payment_not_given_up, insufficient_balance or unknown_payment. The dead "
            + "letter stays.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(TooLarge, "It cannot be sent as it is, and detail says what to do; or a member is not acceptable, and errors "
            + "names it.")
        .Fails(BrokerAway(KafkaAway), "Kafka or the database is away, and the dead letter stays; try again after Retry-After seconds.");

    private static async Task<Results<Ok<RedrivenReply>, Problem>> HandleAsync(
        [Description("The dead letter's id.")] long id,
        HttpRequest request, NpgsqlDataSource database, RedriveRecords records, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadOptionalAsync(request, cancellationToken);
        if (members is null) return problem!;
        (var repair, problem) = Repair.Read(members);
        if (repair is null) return problem!;

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(connection, id, cancellationToken) is not { } letter) return DeleteDeadLetter.NotThere(id);

        var repaired = letter.With(repair);
        var outcomes = await records.RunAsync(connection, letter.Topic, [repaired], cancellationToken);
        if (outcomes[0] != RedriveOutcome.Redriven) return Refusal(outcomes[0], repaired);
        await transaction.CommitAsync(CancellationToken.None);
        return TypedResults.Ok(new RedrivenReply(id, letter.Topic, "redriven"));
    }

    private static async Task<StoredDeadLetter?> LockAsync(NpgsqlConnection connection, long id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Lock, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? StoredDeadLetter.Read(row) : null;
    }

    private static Problem Refusal(RedriveOutcome outcome, StoredDeadLetter letter) => outcome switch
    {
        RedriveOutcome.NoTransaction => new(StatusCodes.Status422UnprocessableEntity, "unknown_transaction",
            $"Transaction {StoredText.Clean(Encoding.UTF8.GetString(letter.Key ?? []), 128)} still has no row, and the record's body was not kept. "
            + "Let its sender send the webhook again, which needs no redrive, and delete this dead letter; or send the whole record as value."),
        RedriveOutcome.TooLarge => TooLarge,
        RedriveOutcome.NoPayment => new(StatusCodes.Status409Conflict, "unknown_payment", "There is no payment with the payment_id of this record. Delete "
            + "this dead letter."),
        RedriveOutcome.NotGivenUp => NotGivenUp,
        RedriveOutcome.InsufficientBalance => new(StatusCodes.Status409Conflict, "insufficient_balance",
            "The available balance does not cover this withdrawal any more, so it cannot be opened again. Redrive it when there is money, or delete this "
                + "dead letter."),
        _ => BrokerAway(KafkaAway),
    };

    private static Problem TooLarge => new(StatusCodes.Status422UnprocessableEntity, "record_too_large",
        "Kafka takes no record of this size. Send a smaller one as value, or delete this dead letter.");

    private static Problem NotGivenUp => new(StatusCodes.Status409Conflict, "payment_not_given_up",
        "The payment is not one that was given up: it was settled otherwise or is under way. Look at it, and delete this dead letter.");

    public static Problem BrokerAway(string detail) => Problem.Unavailable(detail, retryAfterSeconds: 5);
}

/// <summary>The answer to a redrive of one.</summary>
[DisplayName("RedrivenDeadLetter")]
internal sealed record RedrivenReply(
    [property: Description("The dead letter's id, which is gone.")] long Id,
    [property: Description("The topic that has the record now.")] string Topic,
    [property: Description("It is on its way again."), AllowedValues("redriven")] string Status);

/// <summary>What the caller puts in the place of what was wrong with a record; what is null stays as it was.</summary>
internal sealed record Repair(byte[]? Key, byte[]? Value)
{
    public static (Repair? Repair, Problem? Problem) Read(JsonMembers members)
    {
        var key = Take("key", KeyOf, "must be a string of 1 character or more; leave it out to keep the key as it was");
        var value = Take("value", ValueOf, "must be a JSON object or a string; leave it out to keep the body as it was");
        return members.Problem is { } problem ? (null, problem) : (new(key, value), null);

        byte[]? Take(string name, Func<JsonElement, string?> read, string rule)
        {
            if (members.Find(name) is not { } member) return null;
            if (read(member) is { Length: > 0 } text) return Encoding.UTF8.GetBytes(text);
            members.Refuse(name, rule);
            return null;
        }
    }

    private static string? KeyOf(JsonElement key) => JsonMembers.TextOf(key);

    private static string? ValueOf(JsonElement value) => value.ValueKind == JsonValueKind.Object ? value.GetRawText() : JsonMembers.TextOf(value);
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("RepairedRecord")]
internal sealed record RedriveRequest(
    [property: Description("The record's key; of transactions the transaction_id. Without it the key stays as it was."), MinLength(1)]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key = null,
    [property: Description("The record's body: a JSON object, or a string that is sent as it is. Without it the body stays as it was.")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Value = null);
