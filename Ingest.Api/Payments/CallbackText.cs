using System.Text.Json;
using Contracts;
using Data.Payments;
using Ingest.Api.Requests;
using ServiceDefaults.Problems;

namespace Ingest.Api.Payments;

/// <summary>Reads a callback from the text that was signed, in which each member appears once and plain names have no escapes.</summary>
internal sealed class CallbackText
{
    private readonly Dictionary<string, string[]> _errors = [];
    private long _paymentId;
    private string? _status;
    private string? _bankReference;
    private string? _errorMessage;

    private CallbackText(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(SignedBody.WithoutNaN(text));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("transaction_id"u8)) _paymentId = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var id) ? id : 0;
            else if (name.SequenceEqual("status"u8)) _status = Text(ref reader);
            else if (name.SequenceEqual("bank_reference"u8)) _bankReference = Identifier(ref reader, "bank_reference");
            else if (name.SequenceEqual("error_message"u8)) _errorMessage = Informative(ref reader, "error_message");
            else reader.Skip();
        }

        if (_paymentId <= 0) _errors["transaction_id"] = ["transaction_id must be the payment's id, a whole number greater than 0"];
        if (_status is not (PaymentStatus.Success or PaymentStatus.Failed)) _errors["status"] = ["status must be success or failed"];
    }

    /// <summary>Which payment and what has become of it; or the 422 that names what is wrong.</summary>
    public static (long PaymentId, BankResult? Result, Problem? Problem) Read(ReadOnlySpan<byte> text)
    {
        var read = new CallbackText(text);
        if (read._errors.Count > 0) return (0, null, Problem.Invalid(read._errors));
        var isSuccess = read._status == PaymentStatus.Success;
        return (read._paymentId, new BankResult(isSuccess, read._bankReference, isSuccess ? null : read._errorMessage), null);
    }

    /// <summary>
    /// Text that only informs is made to fit: a payment must not stay open because the bank's reason is long or has a character that cannot be stored.
    /// </summary>
    private string? Informative(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType == JsonTokenType.String) return JsonText.Clean(reader.ValueSpan);
        if (reader.TokenType != JsonTokenType.Null) _errors[name] = [$"{name} must be null or text"];
        reader.Skip();
        return null;
    }

    /// <summary>An identifier is stored as it is or not at all: shortened, it would be another one.</summary>
    private string? Identifier(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        var text = Text(ref reader);
        if (text is null || text.Length > StoredText.MaxLength || text.Contains('\0', StringComparison.Ordinal))
            _errors[name] = [$"{name} must be null or text of at most {StoredText.MaxLength} characters, without NUL and unpaired surrogates"];
        return text;
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // An unpaired surrogate.
        }
    }
}
