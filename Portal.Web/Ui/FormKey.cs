using Portal.Web.Api;

namespace Portal.Web.Ui;

/// <summary>
/// The Idempotency-Key in a hidden field of a form. It is made when the form is rendered. While it is not known whether the write was carried out it stays, so
/// that sending the form again writes nothing twice; after every outcome that is known the next form has a new one.
/// </summary>
internal static class FormKey
{
    /// <summary>A new one.</summary>
    public static string New() => Guid.NewGuid().ToString("N");

    /// <summary>The one that was posted; a new one in the place of what this portal did not make.</summary>
    public static string Of(string? posted) => Guid.TryParseExact(posted, "N", out var key) ? key.ToString("N") : New();

    /// <summary>The key of the form that follows a write with this key.</summary>
    public static string After(string sent, ApiProblem? problem) => problem is { IsOutcomeUnknown: true } ? sent : New();
}
