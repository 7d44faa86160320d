using System.Text;
using Microsoft.Net.Http.Headers;

namespace Sandbox.Stripe.Requests;

/// <summary>Reads the parameters of a request: of a GET from the query, of a POST from its body.</summary>
internal static class StripeBody
{
    private const int MaxBytes = 64 * 1024;
    private const string FormType = "application/x-www-form-urlencoded";

    /// <summary>The parameters, or how the request is refused.</summary>
    public static async Task<(StripeForm? Form, StripeAnswer? Refusal)> ReadAsync(HttpContext http)
    {
        var request = http.Request;
        if (!HttpMethods.IsPost(request.Method)) return (StripeForm.Parse(request.QueryString.Value is { Length: > 1 } query ? query[1..] : ""), null);
        if (request.ContentLength > MaxBytes || await TextAsync(request, http.RequestAborted) is not { } text) return (null, TooLarge);
        return text == "" || IsForm(request) ? (StripeForm.Parse(text), null) : (null, NoForm);
    }

    private static StripeAnswer TooLarge => StripeAnswer.Failed(
        StatusCodes.Status413PayloadTooLarge,
        new(StripeError.InvalidRequest, $"The request's body is larger than {MaxBytes} bytes.")) with
    { IsKept = false };

    private static StripeAnswer NoForm => StripeAnswer.Unread(
        new(StripeError.InvalidRequest, $"Send parameters as {FormType}, in UTF-8 and not compressed: the API takes no other content type."));

    private static bool IsForm(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(FormType, StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        && request.Headers.ContentEncoding is [] or ["identity"];

    // Null when there is too much of it.
    private static async Task<string?> TextAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            var isTooMuch = read.Buffer.Length > MaxBytes;
            if (isTooMuch || read.IsCompleted)
            {
                var text = isTooMuch ? null : Encoding.UTF8.GetString(read.Buffer);
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return text;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
