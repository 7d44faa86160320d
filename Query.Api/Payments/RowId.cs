using System.Globalization;

namespace Query.Api.Payments;

/// <summary>An id as it stands in a path: what the database counts, from 1 on.</summary>
internal static class RowId
{
    /// <summary>False for what cannot be an id, and so cannot be there.</summary>
    public static bool TryParse(string text, out long id) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id > 0;
}
