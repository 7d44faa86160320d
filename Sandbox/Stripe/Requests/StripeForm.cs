using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Sandbox.Stripe.Requests;

/// <summary>
/// Parameters in Stripe's syntax, <c>metadata[charge_id]=5&amp;expand[]=latest_charge</c>, of a body or a query. Readers say what is allowed; the first thing
/// that is not is <see cref="Fault"/>, and readers answer nothing of use from then on.
/// </summary>
internal sealed class StripeForm
{
    private const int MaxMetadata = 50, MaxMetadataName = 40, MaxText = 500;
    private const string Metadata = "metadata", Expand = "expand[]";

    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _expanded = new(StringComparer.Ordinal);

    /// <summary>What is wrong with the parameters, as far as they were read.</summary>
    public StripeError? Fault { get; private set; }

    /// <summary>The same for the same parameters in any order.</summary>
    public string Canonical
    {
        get
        {
            var text = new StringBuilder();
            foreach (var (name, value) in _values) text.Append(CultureInfo.InvariantCulture, $"{name.Length}:{name}{value.Length}:{value}");
            foreach (var value in _expanded) text.Append(CultureInfo.InvariantCulture, $"{value.Length}:{value}");
            return text.ToString();
        }
    }

    /// <summary>Takes a body or a query apart. Of parameters of one name the last counts, but for expand[].</summary>
    public static StripeForm Parse(string text)
    {
        var form = new StripeForm();
        foreach (var range in text.AsSpan().Split('&'))
        {
            var pair = text.AsSpan(range);
            if (pair.IsEmpty) continue;
            var equals = pair.IndexOf('=');
            var (name, value) = equals < 0 ? (Decoded(pair), "") : (Decoded(pair[..equals]), Decoded(pair[(equals + 1)..]));
            if (IsExpand(name)) form._expanded.Add(value);
            else form._values[name] = value;
        }

        return form;
    }

    /// <summary>Refuses all parameters but these, <c>metadata[...]</c> and expand[] of the given objects.</summary>
    /// <param name="names">The parameters that there are; with <c>metadata</c> those of any <c>metadata[...]</c>.</param>
    /// <param name="expandable">What expand[] may name.</param>
    public void Allow(FrozenSet<string> names, params ReadOnlySpan<string> expandable)
    {
        foreach (var name in _values.Keys)
        {
            if (!names.Contains(name) && !(names.Contains(Metadata) && IsMetadata(name))) Fault ??= StripeError.Unknown(name);
        }

        foreach (var value in _expanded)
        {
            if (!expandable.Contains(value)) Refuse("expand", $"This property cannot be expanded ({value}).");
        }
    }

    /// <summary>Refuses a parameter, unless another is refused already.</summary>
    public void Refuse(string name, string message, string? code = null) => Fault ??= StripeError.Invalid(name, message, code);

    public bool Expands(string property) => _expanded.Contains(property);

    /// <summary>The value, or null when it is missing; an empty one is refused.</summary>
    public string? Text(string name, bool isRequired = false)
    {
        if (!_values.TryGetValue(name, out var value))
        {
            if (isRequired) Fault ??= StripeError.Missing(name);
            return null;
        }

        if (value == "") Fault ??= StripeError.Empty(name);
        return value;
    }

    /// <summary>The value as free text, at most 500 characters; null when it is missing or empty, which unsets it.</summary>
    public string? Unset(string name)
    {
        var value = _values.GetValueOrDefault(name);
        if (value?.Length > MaxText) Refuse(name, $"Invalid string: must be at most {MaxText} characters");
        return value is "" ? null : value;
    }

    public long? Whole(string name, long min, long max, bool isRequired = false)
    {
        if (Text(name, isRequired) is not { } text) return null;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            Refuse(name, $"Invalid integer: {text}", "parameter_invalid_integer");
        else if (value < min)
            Refuse(name, $"This value must be greater than or equal to {min}.", "parameter_invalid_integer");
        else if (value > max)
            Refuse(name, $"This value must be less than or equal to {max}.", name == "amount" ? "amount_too_large" : "parameter_invalid_integer");
        return value;
    }

    public bool Flag(string name)
    {
        var text = Text(name);
        if (text is not (null or "true" or "false")) Refuse(name, $"Invalid boolean: {text}");
        return text == "true";
    }

    public string? OneOf(string name, params ReadOnlySpan<string> allowed)
    {
        var text = Text(name);
        if (text is not null && !allowed.Contains(text))
            Refuse(name, $"Invalid {name}: must be one of {string.Join(", ", allowed.ToArray())}");
        return text;
    }

    /// <summary><c>metadata[name]=value</c>: at most 50, names of at most 40 characters, values of at most 500; an empty one is left out.</summary>
    public IReadOnlyDictionary<string, string> ReadMetadata()
    {
        var metadata = new Dictionary<string, string>();
        foreach (var (name, value) in _values)
        {
            if (!IsMetadata(name) || value == "") continue;
            var key = name[(Metadata.Length + 1)..^1];
            if (key.Length is 0 or > MaxMetadataName || key.AsSpan().ContainsAny("[]"))
                Refuse(name, $"Metadata keys must be 1-{MaxMetadataName} characters without square brackets.");
            if (value.Length > MaxText)
                Refuse(name, $"Metadata values can have up to {MaxText} characters, but you passed in a value that is {value.Length} characters.");
            metadata[key] = value;
        }

        if (metadata.Count > MaxMetadata) Refuse(Metadata, $"Metadata can have up to {MaxMetadata} keys.");
        return metadata;
    }

    private static bool IsMetadata(string name) =>
        name.StartsWith("metadata[", StringComparison.Ordinal) && name.EndsWith(']');

    // expand[] as curl's users write it, expand[0] as Stripe.net does.
    private static bool IsExpand(string name) =>
        name == Expand
        || name.StartsWith("expand[", StringComparison.Ordinal) && name.EndsWith(']') && !name.AsSpan(7, name.Length - 8).ContainsAnyExceptInRange('0', '9');

    private static string Decoded(ReadOnlySpan<char> text) =>
        text.ContainsAny('+', '%') ? Uri.UnescapeDataString(text.ToString().Replace('+', ' ')) : text.ToString();
}
