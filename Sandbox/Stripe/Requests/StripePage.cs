namespace Sandbox.Stripe.Requests;

/// <summary>The parameters that every list takes.</summary>
internal static class StripePage
{
    private const int DefaultLimit = 10, MaxLimit = 100;

    /// <summary>How many at most, and the id after which the page begins.</summary>
    public static (int Limit, string? After) Read(StripeForm form) => ((int)(form.Whole("limit", 1, MaxLimit) ?? DefaultLimit), form.Text("starting_after"));

    public static StripeAnswer NoSuch(string kind, string id) =>
        StripeAnswer.Failed(StatusCodes.Status400BadRequest, StripeError.NoSuch(kind, id, "starting_after"));
}

/// <summary>A page of a list, the newest first.</summary>
/// <param name="Data">What is on it.</param>
/// <param name="HasMore">Whether older ones follow.</param>
/// <param name="Url">The list's path.</param>
internal sealed record StripeList<T>(IReadOnlyList<T> Data, bool HasMore, string Url)
{
    public string Object { get; } = "list";
}
