using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Sandbox.Tests;

/// <summary>What cannot be meant is refused in Stripe's shape, with the parameter's name, and never by a 5xx.</summary>
public sealed class StripeFormTests(StripeService stripe) : IClassFixture<StripeService>
{
    private const string Create = "/v1/payment_intents", Good = "amount=1050&currency=usd";
    private const string Redirects = "automatic_payment_methods[allow_redirects]", FormType = "application/x-www-form-urlencoded";

    [Theory]
    [InlineData("currency=usd", "parameter_missing", "amount"), InlineData("amount=5", "parameter_missing", "currency")]
    [InlineData("", "parameter_missing", "amount")]
    [InlineData(Good + "&foo=1", "parameter_unknown", "foo"), InlineData(Good + "&foo[bar]=1", "parameter_unknown", "foo[bar]")]
    [InlineData(Good + "&metadata=1&metadata[a", "parameter_unknown", "metadata[a"), InlineData("amount[]=5&currency=usd", "parameter_unknown", "amount[]")]
    [InlineData("amount=&currency=usd", "parameter_invalid_empty", "amount"), InlineData("amount=5&currency=", "parameter_invalid_empty", "currency")]
    [InlineData("amount=19.99&currency=usd", "parameter_invalid_integer", "amount"), InlineData("amount=0&currency=usd", "parameter_invalid_integer", "amount")]
    [InlineData("amount=-5&currency=usd", "parameter_invalid_integer", "amount")]
    [InlineData("amount=99999999999999999999&currency=usd", "parameter_invalid_integer", "amount")]
    [InlineData("amount=%D9%A5&currency=usd", "parameter_invalid_integer", "amount"), InlineData("amount=100000000&currency=usd", "amount_too_large", "amount")]
    [InlineData("amount=5&currency=xyz", null, "currency"), InlineData("amount=5&currency=dollars", null, "currency")]
    [InlineData(Good + "&confirm=yes", null, "confirm"), InlineData(Good + "&expand[]=everything", null, "expand")]
    [InlineData(Good + "&automatic_payment_methods[enabled]=true&" + Redirects + "=no", null, Redirects)]
    [InlineData(Good + "&metadata[]=1", null, "metadata[]"), InlineData(Good + "&metadata[a[b]]=1", null, "metadata[a[b]]")]
    [InlineData(Good + "&metadata[aaaaaaaaaabbbbbbbbbbccccccccccddddddddddx]=1", null, "metadata[aaaaaaaaaabbbbbbbbbbccccccccccddddddddddx]")]
    public async Task A_parameter_that_is_not_acceptable_is_400_and_named(string form, string? code, string parameter)
    {
        var error = await RefusedAsync(HttpMethod.Post, Create, form);

        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Equal(code, error.TryGetProperty("code", out var named) ? named.GetString() : null);
        Assert.Equal(parameter, error.GetProperty("param").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Theory]
    [InlineData("/v1/payment_intents?limit=0", "limit"), InlineData("/v1/payment_intents?limit=101", "limit")]
    [InlineData("/v1/payment_intents?limit=x", "limit")]
    [InlineData("/v1/payment_intents?starting_after=pi_nobody", "starting_after"), InlineData("/v1/payment_intents?created[gt]=x", "created[gt]")]
    [InlineData("/v1/payment_intents?created[after]=5", "created[after]"), InlineData("/v1/payment_intents?page=2", "page")]
    [InlineData("/v1/refunds?limit=-1", "limit"), InlineData("/v1/refunds?starting_after=re_nobody", "starting_after")]
    [InlineData("/v1/refunds?customer=x", "customer")]
    public async Task So_is_one_of_a_query(string path, string parameter) =>
        Assert.Equal(parameter, (await RefusedAsync(HttpMethod.Get, path)).GetProperty("param").GetString());

    [Theory]
    [InlineData("amount=5", "payment_intent"), InlineData("payment_intent=pi_x&amount=0", "amount"), InlineData("payment_intent=pi_x&amount=x", "amount")]
    [InlineData("payment_intent=pi_x&reason=fun", "reason"), InlineData("payment_intent=pi_x&charge=ch_x", "charge")]
    [InlineData("payment_intent=pi_x", "payment_intent")]
    public async Task So_is_one_of_a_refund(string form, string parameter) =>
        Assert.Equal(parameter, (await RefusedAsync(HttpMethod.Post, "/v1/refunds", form)).GetProperty("param").GetString());

    [Fact]
    public async Task Metadata_has_its_limits()
    {
        var fifty = Good + string.Concat(Enumerable.Range(0, 50).Select(i => $"&metadata[k{i}]=v"));
        Assert.Equal(HttpStatusCode.OK, (await stripe.SendAsync(HttpMethod.Post, Create, $"{fifty}&metadata[none]=")).Response.StatusCode);
        Assert.Equal("metadata", (await RefusedAsync(HttpMethod.Post, Create, $"{fifty}&metadata[k50]=v")).GetProperty("param").GetString());

        Assert.Equal(HttpStatusCode.OK, (await stripe.SendAsync(HttpMethod.Post, Create, $"{Good}&metadata[a]={new string('v', 500)}")).Response.StatusCode);
        var tooLong = await RefusedAsync(HttpMethod.Post, Create, $"{Good}&metadata[a]={new string('v', 501)}");
        Assert.Equal("metadata[a]", tooLong.GetProperty("param").GetString());
    }

    [Theory]
    [InlineData("&&&"), InlineData("==="), InlineData("%"), InlineData("%%%=%zz&%00=%00"), InlineData("amount=%ff%fe&currency=%c0%af")]
    [InlineData("\0\u0001=\ud7ff")]
    [InlineData("[=]&]=[&[]=[]&expand=1&expand[=1&expand[x]=1"), InlineData("metadata[=1")]
    [InlineData("amount=5&currency=usd&description=%ed%a0%80&metadata[%00]=%00")]
    [InlineData("amount=1e3&currency=usd"), InlineData("amount=+5&currency=usd"), InlineData("amount= 5&currency=usd")]
    [InlineData("amount=5&currency=u%73d&amount=6")]
    public async Task Rubbish_is_never_a_5xx(string form)
    {
        foreach (var (method, path) in new[] { (HttpMethod.Post, Create), (HttpMethod.Post, $"{Create}/pi_x/cancel"), (HttpMethod.Post, "/v1/refunds") })
            Assert.InRange((int)(await stripe.SendAsync(method, path, form, stripe.NewKey())).Response.StatusCode, 200, 499);
        foreach (var path in (string[])[Create, $"{Create}/pi_x", "/v1/refunds", "/v1/refunds/re_x"])
            Assert.InRange((int)(await stripe.SendAsync(HttpMethod.Get, $"{path}?{Uri.EscapeDataString(form)}")).Response.StatusCode, 200, 499);
    }

    [Fact]
    public async Task Random_bytes_are_never_a_5xx()
    {
        var random = new Random(11);
        for (var round = 0; round < 300; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            var prefix = Encoding.ASCII.GetBytes(random.Next(2) == 0 ? "amount=5&currency=usd&metadata[" : "");
            using var content = new ByteArrayContent([.. prefix, .. bytes]);
            content.Headers.ContentType = new MediaTypeHeaderValue(FormType);
            Assert.InRange(await StatusAsync(content), 200, 499);
        }
    }

    [Theory]
    [InlineData("application/json", "", 400), InlineData("multipart/form-data; boundary=x", "", 400), InlineData(null, "", 400)]
    [InlineData("application/x-www-form-urlencoded; charset=utf-16", "", 400), InlineData("application/x-www-form-urlencoded", "gzip", 400)]
    [InlineData("application/x-www-form-urlencoded; charset=\"UTF-8\"", "", 200), InlineData("application/x-www-form-urlencoded", "identity", 200)]
    public async Task Only_plain_forms_in_UTF_8_are_taken(string? type, string encoding, int status)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Good));
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        if (encoding != "") content.Headers.ContentEncoding.Add(encoding);
        Assert.Equal(status, await StatusAsync(content));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_body_beyond_64_KiB_is_413(bool isChunked)
    {
        using var content = new StringContent($"{Good}&description={new string('x', 64 * 1024)}", new MediaTypeHeaderValue(FormType));
        Assert.Equal(413, await StatusAsync(content, isChunked));
    }

    [Theory]
    [InlineData(null), InlineData("Bearer "), InlineData("Bearer sk_live_1"), InlineData("Bearer pk_test_1"), InlineData("Basic !!!"), InlineData("Digest x")]
    [InlineData("Basic c2tfbGl2ZV8xOg==")]
    public async Task Without_a_secret_key_of_the_test_mode_nothing_is_done(string? authorization)
    {
        var (response, body) = await stripe.SendAsync(HttpMethod.Post, Create, Good, authorization: authorization);

        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_request_error"), (response.StatusCode, body.GetProperty("error").GetProperty("type").GetString()));
        Assert.DoesNotContain("live_1", body.GetRawText(), StringComparison.Ordinal);
    }

    [Theory, InlineData("Basic c2tfdGVzdF8xMjM6"), InlineData("bearer sk_test_x")]
    public async Task A_key_may_come_as_curl_sends_it(string authorization) =>
        Assert.Equal(HttpStatusCode.OK, (await stripe.SendAsync(HttpMethod.Post, Create, Good, authorization: authorization)).Response.StatusCode);

    [Theory, InlineData("GET", "/v1/customers"), InlineData("DELETE", "/v1/payment_intents/pi_x"), InlineData("POST", "/v1/payment_intents/pi_x/capture")]
    public async Task What_is_not_played_here_is_404_in_Stripes_shape(string method, string path)
    {
        var (response, body) = await stripe.SendAsync(new HttpMethod(method), path);
        Assert.Equal((HttpStatusCode.NotFound, "invalid_request_error"), (response.StatusCode, body.GetProperty("error").GetProperty("type").GetString()));
    }

    private async Task<JsonElement> RefusedAsync(HttpMethod method, string path, string? form = null)
    {
        var (response, body) = await stripe.SendAsync(method, path, form);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        return body.GetProperty("error");
    }

    private async Task<int> StatusAsync(HttpContent content, bool? isChunked = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Create) { Content = content };
        request.Headers.Authorization = new("Bearer", "sk_test_123");
        request.Headers.TransferEncodingChunked = isChunked;
        using var response = await stripe.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
