using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Contracts;
using ServiceDefaults.Problems;

namespace Ingest.Api.Requests;

/// <summary>
/// The members of a request's body. A handler takes each member by name and type; what is wrong is collected, so that one 422 names every field with all its
/// messages (<see cref="Problem"/>). Members that no handler takes are ignored, but none may appear twice, at any depth: readers that keep the first and
/// readers that keep the last would see two different requests.
/// </summary>
internal sealed class JsonMembers
{
    /// <summary>The longest free text, in UTF-16 code units: what the text columns are made for.</summary>
    public const int MaxText = 500;

    private const int MaxRepeated = 20; // A body of 64 KiB can repeat thousands of names; the answer need not list them all.

    private readonly JsonElement? _body;
    private readonly Dictionary<string, string[]> _errors = [];
    private readonly SortedDictionary<string, string> _taken = new(StringComparer.Ordinal);

    private JsonMembers(JsonElement? body)
    {
        _body = body;
        if (body is { } members) FindRepeated(members, "");
    }

    /// <summary>The 422 that names every field that is not acceptable; null when all that were taken are.</summary>
    public Problem? Problem => _errors.Count > 0 ? Problem.Invalid(_errors) : null;

    /// <summary>Whether there was no body.</summary>
    public bool IsEmpty => _body is null;

    /// <summary>Reads the body, which must be a JSON object: else 400, or 415 when its headers announce something else.</summary>
    /// <param name="request">Its body is read.</param>
    /// <param name="example">A whole body, for the 400 that says that there is none.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<(JsonMembers? Members, Problem? Problem)> ReadAsync(HttpRequest request, string example, CancellationToken cancellationToken)
    {
        var (members, problem) = await ReadOptionalAsync(request, cancellationToken);
        return members is { _body: null } ? (null, Problem.InvalidJson($"A body is needed, a JSON object such as {example}.")) : (members, problem);
    }

    /// <summary>The same where a body may be left out: then there are no members.</summary>
    public static async Task<(JsonMembers? Members, Problem? Problem)> ReadOptionalAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var (bytes, problem) = await RequestBody.ReadJsonAsync(request, cancellationToken);
        return problem is null ? Read(bytes.Span) : (null, problem);
    }

    /// <summary>The members of a body; exactly one of the two is not null.</summary>
    public static (JsonMembers? Members, Problem? Problem) Read(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return (new(body: null), null);
        if (!Utf8.IsValid(body)) return (null, Problem.InvalidJson("The body is not UTF-8."));
        try
        {
            var members = JsonElement.Parse(body);
            return members.ValueKind == JsonValueKind.Object ? (new(members), null) : (null, Problem.InvalidJson("The body must be a JSON object."));
        }
        catch (JsonException exception)
        {
            return (null, Problem.InvalidJson($"The body is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}."));
        }
        catch (InvalidOperationException)
        {
            return (null, Problem.InvalidJson("The body has a member whose name is not text: an unpaired surrogate (\\ud800-\\udfff)."));
        }
    }

    /// <summary>An id (<see cref="Ids"/>), which must be there.</summary>
    public string? Id(string name) => Text(name, $"must be a string of {Ids.Allowed}", text => Ids.IsValid(text));

    /// <summary>A positive amount in a currency, as a JSON number or a decimal string, which must be there; 0 when it is not acceptable.</summary>
    public decimal Amount(string name, Currency currency)
    {
        if (Find(name) is not { } member)
        {
            Refuse(name, $"is missing; it {AmountText.Rule}");
            return 0;
        }

        var (amount, fault) = AmountText.Of(member, currency);
        if (fault is not null) Refuse(name, fault);
        else Take(name, amount.ToString(CultureInfo.InvariantCulture)); // AmountText keeps no zeros at the end: 250 and 250.00 are the same.
        return amount;
    }

    /// <summary>The same where the member may be left out or null; null then.</summary>
    public decimal? OptionalAmount(string name, Currency currency) =>
        Find(name) is { ValueKind: not JsonValueKind.Null } ? Amount(name, currency) : null;

    /// <summary>Adds a value to what was taken (<see cref="Fingerprint"/>), where the handler reads the member itself.</summary>
    /// <param name="name">The member.</param>
    /// <param name="meaning">The same text for values that mean the same.</param>
    public void Take(string name, string meaning) => _taken[name] = meaning;

    /// <summary>An ISO 4217 code in any case; <paramref name="otherwise"/> when it is left out or null; null when it is not acceptable.</summary>
    public Currency? Currency(string name, Currency otherwise)
    {
        var currency = Find(name) is { ValueKind: not JsonValueKind.Null } member ? Contracts.Currency.Find(TextOf(member)) : otherwise;
        if (currency is null) Refuse(name, "must be an active ISO 4217 code, such as USD");
        else _taken[name] = currency.Code;
        return currency;
    }

    /// <summary>A string that must be there; null when it is not, or not acceptable.</summary>
    /// <param name="name">The member.</param>
    /// <param name="rule">What is allowed, to be read after the name: "must be ...".</param>
    /// <param name="isAcceptable">Whether it keeps the rule.</param>
    /// <param name="otherName">Another name under which the member may be sent instead.</param>
    public string? Text(string name, string rule, Func<string, bool> isAcceptable, string? otherName = null)
    {
        if ((Find(name) ?? (otherName is null ? null : Find(otherName))) is { } member) return Take(name, member, rule, isAcceptable);
        Refuse(name, otherName is null ? $"is missing; it {rule}" : $"is missing; send it, or {otherName} in its place");
        return null;
    }

    /// <summary>A string that may be left out or null.</summary>
    public string? OptionalText(string name, string rule, Func<string, bool> isAcceptable) =>
        Find(name) is { ValueKind: not JsonValueKind.Null } member ? Take(name, member, rule, isAcceptable) : null;

    /// <summary>
    /// Free text that only informs, which may be left out or null. What cannot be stored in it is replaced (<see cref="JsonText.Clean"/>), not refused.
    /// </summary>
    public string? Description(string name)
    {
        if (Find(name) is not { ValueKind: not JsonValueKind.Null } member) return null;
        var text = member.ValueKind == JsonValueKind.String ? JsonText.Unescape(JsonMarshal.GetRawUtf8Value(member)[1..^1]) : null;
        if (text is { Length: <= MaxText }) return _taken[name] = StoredText.Clean(text)!;
        Refuse(name, $"must be text of at most {MaxText} characters");
        return null;
    }

    /// <summary>The member as it was sent; null when it was left out.</summary>
    public JsonElement? Find(string name) => _body is { } members && members.TryGetProperty(name, out var member) ? member : null;

    /// <summary>Says what is wrong with a field.</summary>
    /// <param name="name">The member.</param>
    /// <param name="message">To be read after the name.</param>
    public void Refuse(string name, string message) =>
        _errors[name] = _errors.TryGetValue(name, out var earlier) ? [.. earlier, $"{name} {message}"] : [$"{name} {message}"];

    /// <summary>
    /// SHA-256 over what was taken, by meaning: how a number is written, the order of the members, white space and members that nobody takes make no
    /// difference. To be asked once all are taken.
    /// </summary>
    public byte[] Fingerprint() => SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(_taken, RequestJson.Default.SortedDictionaryStringString));

    /// <summary>The string's text; null when the element is no string or has half of a surrogate pair.</summary>
    public static string? TextOf(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String) return null;
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private string? Take(string name, JsonElement member, string rule, Func<string, bool> isAcceptable)
    {
        if (TextOf(member) is { } text && isAcceptable(text)) return _taken[name] = text;
        Refuse(name, rule);
        return null;
    }

    // Reading a name throws when it is no text; each is read here, so that no later look-up can.
    private void FindRepeated(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray()) FindRepeated(item, path);
        }

        if (value.ValueKind != JsonValueKind.Object) return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            var name = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (!seen.Add(member.Name) && _errors.Count < MaxRepeated) Refuse(StoredText.Clean(name, maxLength: 200)!, "appears more than once; send it once");
            FindRepeated(member.Value, name);
        }
    }
}

[JsonSerializable(typeof(SortedDictionary<string, string>))]
internal sealed partial class RequestJson : JsonSerializerContext;
