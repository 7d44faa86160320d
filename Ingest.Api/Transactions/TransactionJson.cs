using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Contracts;
using Ingest.Api.Requests;
using ServiceDefaults.Problems;

namespace Ingest.Api.Transactions;

/// <summary>
/// Reads and validates the body of <c>POST /v1/webhooks/transactions</c> in one pass over its bytes. What cannot be read as a JSON object
/// is a 400; members that are missing, of the wrong type or not allowed are a 422 that names all of them. Unknown members are skipped.
/// </summary>
internal ref struct TransactionJson
{
    private const int LongestEscapedId = 6 * Ids.MaxLength; // Every character as \u0041.
    private const int MaxDepth = 32;
    private const string IdRule = "must be a string of " + Ids.Allowed;
    private const string AmountRule = "must be a number, or a decimal string such as \"150.50\", greater than 0";
    private const string CurrencyRule = "must be an active ISO 4217 code such as \"USD\"";
    private const string Repeated = "appears more than once; send it once";

    private static readonly SearchValues<byte> IdBytes =
        SearchValues.Create(Encoding.ASCII.GetBytes(Ids.Characters));

    private Dictionary<string, string[]>? _errors;
    private string? _transactionId, _sourceAccount, _destinationAccount;
    private Currency? _currency;
    private decimal _amount;
    private int _amountDecimals;
    private bool _amountIsTooPrecise; // More decimals than are counted.
    private Members _seen;

    [Flags]
    private enum Members { None = 0, TransactionId = 1, SourceAccount = 2, DestinationAccount = 4, Amount = 8, Currency = 16 }

    /// <summary>Reads a whole body; exactly one of the two is not null.</summary>
    public static (TransactionContent? Content, Problem? Problem) Read(ReadOnlySpan<byte> body)
    {
        // The JSON reader checks the UTF-8 of a string only when it is decoded, and unknown members never are.
        if (!Utf8.IsValid(body)) return (null, Problem.InvalidJson("The body is not valid UTF-8."));
        try
        {
            return new TransactionJson().ReadObject(body);
        }
        catch (JsonException exception)
        {
            return (null, Problem.InvalidJson($"The body is not valid JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}."));
        }
        catch (InvalidOperationException)
        {
            // Values are read one by one (Text); this is a name, which Utf8JsonReader unescapes to compare it.
            return (null, Problem.InvalidJson("The body has a member whose name is not text: an unpaired surrogate (\\ud800-\\udfff)."));
        }
    }

    private (TransactionContent?, Problem?) ReadObject(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return (null, Problem.InvalidJson("The body must be a JSON object."));
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) ReadMember(ref reader);
        while (reader.Read())
        {
            // Only white space may follow the object; anything else makes Read throw.
        }

        CheckPresence();
        CheckPrecision();
        return _errors is null
            ? (new TransactionContent(_transactionId!, _sourceAccount!, _destinationAccount!, _amount, _currency!.Code), null)
            : (null, Problem.Invalid(_errors));
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("transaction_id"u8)) _transactionId = ReadId(ref reader, Members.TransactionId, "transaction_id");
        else if (reader.ValueTextEquals("source_account"u8)) _sourceAccount = ReadId(ref reader, Members.SourceAccount, "source_account");
        else if (reader.ValueTextEquals("destination_account"u8)) _destinationAccount = ReadId(ref reader, Members.DestinationAccount, "destination_account");
        else if (reader.ValueTextEquals("amount"u8)) ReadAmount(ref reader);
        else if (reader.ValueTextEquals("currency"u8)) ReadCurrency(ref reader);
        else reader.Skip();
    }

    private string? ReadId(ref Utf8JsonReader reader, Members member, string name)
    {
        Begin(ref reader, member, name);
        if (Text(ref reader) is { Length: > 0 and <= Ids.MaxLength } id && id.IndexOfAnyExcept(IdBytes) < 0) return Encoding.ASCII.GetString(id);
        Fail(name, $"{IdRule}; {Got(ref reader)}");
        return null;
    }

    private void ReadAmount(ref Utf8JsonReader reader)
    {
        Begin(ref reader, Members.Amount, "amount");
        var fault = reader.TokenType switch
        {
            JsonTokenType.Number => AmountText.ReadNumber(reader.ValueSpan, out _amount, out _amountDecimals),
            JsonTokenType.String => AmountText.ReadString(Text(ref reader), out _amount, out _amountDecimals),
            _ => AmountText.ReadString(SkipValue(ref reader), out _amount, out _amountDecimals),
        };
        var message = fault switch
        {
            AmountText.Fault.None => null,
            AmountText.Fault.NotPositive => "must be greater than 0",
            AmountText.Fault.TooLarge => $"must have at most {AmountText.MaxIntegerDigits} digits before the point",
            AmountText.Fault.TooPrecise => null, // CheckPrecision reports it, once the currency is known.
            _ => $"{AmountRule}; {Got(ref reader)}",
        };
        if (message is not null) Fail("amount", message);
        _amountIsTooPrecise = fault == AmountText.Fault.TooPrecise;
    }

    private void ReadCurrency(ref Utf8JsonReader reader)
    {
        Begin(ref reader, Members.Currency, "currency");
        Span<char> code = stackalloc char[LongestEscapedId];
        var text = Text(ref reader);
        _currency = Ascii.ToUtf16(text, code, out var length) == OperationStatus.Done ? Currency.Find(code[..length]) : null;
        if (_currency is null) Fail("currency", $"{CurrencyRule}; {Got(ref reader)}");
    }

    private void Begin(ref Utf8JsonReader reader, Members member, string name)
    {
        reader.Read();
        if ((_seen & member) != 0) Fail(name, Repeated);
        _seen |= member;
    }

    /// <summary>The string's bytes, unescaped when need be; empty when it is no string, too long for any member, or not text at all.</summary>
    private static ReadOnlySpan<byte> Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String) return SkipValue(ref reader);
        if (reader.ValueSpan.Length > LongestEscapedId) return [];
        if (!reader.ValueIsEscaped) return reader.ValueSpan;
        try
        {
            var whole = new byte[reader.ValueSpan.Length];
            var length = reader.CopyString(whole);
            return whole.AsSpan(0, length);
        }
        catch (InvalidOperationException)
        {
            return []; // An unpaired surrogate (\ud800) is not text.
        }
    }

    private static ReadOnlySpan<byte> SkipValue(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return [];
    }

    private static string Got(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => "this string is not",
        JsonTokenType.Number => "got a number",
        JsonTokenType.True or JsonTokenType.False => "got a boolean",
        JsonTokenType.Null => "got null",
        JsonTokenType.EndArray => "got an array",
        _ => "got an object",
    };

    private void CheckPresence()
    {
        if ((_seen & Members.TransactionId) == 0) Fail("transaction_id", $"is missing; it {IdRule}");
        if ((_seen & Members.SourceAccount) == 0) Fail("source_account", $"is missing; it {IdRule}");
        if ((_seen & Members.DestinationAccount) == 0) Fail("destination_account", $"is missing; it {IdRule}");
        if ((_seen & Members.Amount) == 0) Fail("amount", $"is missing; it {AmountRule}");
        if ((_seen & Members.Currency) == 0) Fail("currency", $"is missing; it {CurrencyRule}");
    }

    private void CheckPrecision()
    {
        if (_amountIsTooPrecise && _currency is { } any) Fail("amount", $"has more decimals than {any.Code}, which has {any.Decimals}");
        else if (_amountIsTooPrecise) Fail("amount", $"has more decimals than any currency; the most is {AmountText.MaxDecimals}");
        else if (_currency is { } currency && _amountDecimals > currency.Decimals)
            Fail("amount", $"has {_amountDecimals} decimals; {currency.Code} has {currency.Decimals}");
    }

    private void Fail(string member, string message)
    {
        _errors ??= [];
        _errors[member] = _errors.TryGetValue(member, out var earlier) ? [.. earlier, message] : [message];
    }
}
