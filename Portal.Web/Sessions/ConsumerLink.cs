using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Portal.Web.Api;

namespace Portal.Web.Sessions;

/// <summary>
/// <c>GET /consumer?token=...</c>, a portal link: the token goes into the area's cookie, and the browser to the same page without it, so that it stays in no
/// history, bookmark or Referer. Whether it is valid is for the API to say: it is asked once.
/// </summary>
internal static class ConsumerLink
{
    public static async Task TakeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path != "/consumer" || context.Request.Query["token"] is not [{ Length: > 0 } token])
        {
            await next(context);
            return;
        }

        var client = context.RequestServices.GetRequiredService<ApiClient>();
        if (SessionOf(token) is { } session
            && (await client.GetAsync(session, "/webhooks/endpoints?limit=1", ApiJson.Default.JsonElement, context.RequestAborted)).IsSuccess)
        {
            await SignIn.AsAsync(context, session);
            context.Response.Redirect("/consumer");
        }
        else
        {
            context.Response.Redirect("/consumer/link?expired=true");
        }
    }

    // Read without its key, which the portal does not have: the API has checked it before anything is shown.
    private static Session? SessionOf(string token)
    {
        try
        {
            var jwt = new JsonWebToken(token);
            return jwt.TryGetPayloadValue<string>("customer_id", out var customer)
                ? new(Area.Consumer, customer, customer, token, new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero))
                : null;
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException)
        {
            return null;
        }
    }
}
