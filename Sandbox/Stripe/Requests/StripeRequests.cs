using System.Text;
using Sandbox.Requests;

namespace Sandbox.Stripe.Requests;

/// <summary>What an endpoint does.</summary>
/// <param name="form">The parameters.</param>
/// <param name="late">Null, or how much later the result comes.</param>
internal delegate StripeAnswer StripeWork(StripeForm form, TimeSpan? late);

/// <summary>
/// Every request below <c>/v1</c>: who may, how Stripe behaves now, the Idempotency-Key, and then the endpoint's own work. The work is short and holds no
/// lock; what takes time comes after it.
/// </summary>
internal sealed class StripeRequests(
    KeptAnswers kept, CurrentBehaviour<StripeBehaviour> behaviour, StripeChance chance, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private const int MaxKey = 255;

    public async Task AnswerAsync(HttpContext http, StripeWork work)
    {
        var id = chance.Id("req_");
        var now = behaviour.Now;
        if (Unauthorized(http.Request) is { } unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"Stripe\"";
            await StripeReplies.SendAsync(http, unauthorized, id);
            return;
        }

        if (now.RefusesAll && chance.Hits(now.Share))
        {
            await StripeReplies.RefuseAsync(http, now.Behaviour, id);
            return;
        }

        var (form, refusal) = await StripeBody.ReadAsync(http);
        if (form is null) await StripeReplies.SendAsync(http, refusal!, id);
        else if (!HttpMethods.IsPost(http.Request.Method)) await ReadAsync(http, form, work, now, id);
        else if (http.Request.Headers[StripeReplies.KeyHeader].ToString() is { Length: > 0 } key) await WithKeyAsync(http, form, work, now, id, key);
        else await DoAsync(http, form, work, now, id, key: null, mine: null);
    }

    private async Task ReadAsync(HttpContext http, StripeForm form, StripeWork work, StripeBehaviour now, string id)
    {
        if (now.Behaviour == StripeBehaviourName.Slow && chance.Hits(now.Share)) await Task.Delay(now.Delay, clock, http.RequestAborted);
        await StripeReplies.SendAsync(http, work(form, late: null), id);
    }

    private async Task WithKeyAsync(HttpContext http, StripeForm form, StripeWork work, StripeBehaviour now, string id, string key)
    {
        if (key.Length > MaxKey)
        {
            var error = new StripeError(StripeError.InvalidRequest, $"Idempotency-Key must be at most {MaxKey} characters.");
            await StripeReplies.SendAsync(http, StripeAnswer.Unread(error), id);
            return;
        }

        var (mine, known) = kept.Begin(key, id, http.Request.Path.Value!, form);
        if (known is null) await DoAsync(http, form, work, now, id, key, mine);
        else if (!known.IsSame(mine)) await StripeReplies.SendAsync(http, StripeReplies.OtherRequest(key), id, key);
        else if (known.Answer is not { } answer) await StripeReplies.SendAsync(http, StripeReplies.InUse(key), id, key);
        else await StripeReplies.SendAsync(http, answer, id, key, original: known.Id);
    }

    private async Task DoAsync(HttpContext http, StripeForm form, StripeWork work, StripeBehaviour now, string id, string? key, KeptRequest? mine)
    {
        var hit = now.Behaviour != StripeBehaviourName.Normal && chance.Hits(now.Share) ? now.Behaviour : StripeBehaviourName.Normal;
        StripeAnswer? answer = null;
        try
        {
            answer = work(form, hit == StripeBehaviourName.LateSuccess ? now.Delay : null);

            // Not by the client's token: it may hang up, and the work is done all the same.
            if (hit == StripeBehaviourName.Slow) await Task.Delay(now.Delay, clock, lifetime.ApplicationStopping);
        }
        finally
        {
            if (mine is not null)
            {
                if (answer is not { IsKept: true }) kept.Release(key!, mine);
                else mine.Answer = hit == StripeBehaviourName.CommitThenReplay500 ? StripeReplies.InternalError : answer;
            }
        }

        await SendAsync(http, answer, answer.IsKept ? hit : StripeBehaviourName.Normal, id, key);
    }

    private static async Task SendAsync(HttpContext http, StripeAnswer answer, string behaviour, string id, string? key)
    {
        switch (behaviour)
        {
            case StripeBehaviourName.CommitThenHang:
                await StripeReplies.HangAsync(http);
                break;
            case StripeBehaviourName.CommitThen500 or StripeBehaviourName.CommitThenReplay500:
                await StripeReplies.SendAsync(http, StripeReplies.InternalError, id, key);
                break;
            case StripeBehaviourName.CommitThenReset:
                ConnectionReset.Send(http);
                break;
            default:
                await StripeReplies.SendAsync(http, answer, id, key);
                break;
        }
    }

    // Any secret key of the test mode will do, as a bearer token or as the name of basic authentication.
    private static StripeAnswer? Unauthorized(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        var key = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim()
            : header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) ? NameOf(header[6..].Trim())
            : "";
        if (key.StartsWith("sk_test_", StringComparison.Ordinal)) return null;
        var message = key == ""
            ? "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                + "YOUR_SECRET_KEY')."
            : "Invalid API Key provided. The sandbox takes any key that begins with sk_test_.";
        return StripeAnswer.Failed(StatusCodes.Status401Unauthorized, new(StripeError.InvalidRequest, message));
    }

    private static string NameOf(string credentials)
    {
        var bytes = new byte[credentials.Length];
        return Convert.TryFromBase64String(credentials, bytes, out var length) ? Encoding.ASCII.GetString(bytes, 0, length).Split(':')[0] : "";
    }
}
