using System.Text.Json;

namespace Ingest.Api.Requests;

/// <summary>Members that are whole numbers, or true and false.</summary>
internal static class WholeNumbers
{
    /// <summary>True for a JSON number without a fraction that is between the two; 3.0 and 3e0 are 3.</summary>
    public static bool TryRead(JsonElement element, int min, int max, out int number)
    {
        number = 0;
        if (element.ValueKind != JsonValueKind.Number || !element.TryGetDecimal(out var value)) return false;
        if (value != decimal.Truncate(value) || value < min || value > max) return false;
        number = (int)value;
        return true;
    }

    /// <summary>An array of whole numbers; null for anything else.</summary>
    /// <param name="element">The member.</param>
    /// <param name="most">The most numbers.</param>
    /// <param name="min">The smallest number.</param>
    /// <param name="max">The largest.</param>
    public static int[]? Of(JsonElement element, int most, int min, int max)
    {
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() > most) return null;
        var numbers = new List<int>();
        foreach (var item in element.EnumerateArray())
        {
            if (!TryRead(item, min, max, out var number)) return null;
            numbers.Add(number);
        }

        return [.. numbers];
    }

    /// <summary>true or false; null when it is left out or null, and when it is refused.</summary>
    public static bool? OptionalFlag(this JsonMembers members, string name)
    {
        if (members.Find(name) is not { ValueKind: not JsonValueKind.Null } member) return null;
        if (member.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            members.Take(name, member.GetRawText());
            return member.GetBoolean();
        }

        members.Refuse(name, "must be true or false");
        return null;
    }
}
