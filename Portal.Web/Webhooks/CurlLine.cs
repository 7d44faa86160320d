namespace Portal.Web.Webhooks;

/// <summary>A line for a POSIX shell that sends what a delivery sends.</summary>
internal static class CurlLine
{
    /// <summary>
    /// The line. It has no signature: the portal does not know the secret. <c>--globoff</c> and <c>--data-raw</c>: neither brackets in a URL nor a body that
    /// begins with @ mean anything to curl.
    /// </summary>
    public static string Of(DeliveryDetail delivery) =>
        $"curl -i --globoff {Quote(delivery.Url)} -H 'Content-Type: application/json' -H {Quote($"webhook-id: {delivery.EventId}")} "
        + $"--data-raw {Quote(delivery.Payload.GetRawText())}";

    /// <summary>A text as one word: nothing is special between single quotes but the quote, which stands between two quoted parts.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
