using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Stripe;

namespace Sandbox.Tests;

/// <summary>
/// The sandbox's objects have Stripe's members: those that stripe-mock shows, with the same JSON types, and in nested objects, of which stripe-mock shows only
/// what is always there, those that Stripe.net knows.
/// </summary>
public sealed class StripeShapeTests(StripeService stripe, StripeMock mock) : IClassFixture<StripeService>, IAsyncLifetime
{
    private const string Charge =
        "amount=1050&currency=usd&confirm=true&off_session=true&metadata[charge_id]=5&automatic_payment_methods[enabled]=true&payment_method=";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await stripe.BehaveAsync("normal");

    [Fact]
    public async Task Payment_intents_of_every_status_have_Stripes_members()
    {
        var succeeded = await OursAsync($"{Charge}pm_card_visa&expand[]=latest_charge");
        var declined = (await OursAsync($"{Charge}pm_card_chargeDeclined")).GetProperty("error").GetProperty("payment_intent");
        var waiting = await OursAsync("amount=5&currency=usd&confirm=true&payment_method=pm_card_threeDSecure2Required");
        await stripe.BehaveAsync("late_success");
        var processing = await OursAsync($"{Charge}pm_card_visa");
        var theirs = await TheirsAsync(HttpMethod.Post, "/v1/payment_intents", $"{Charge}pm_card_visa&expand[]=latest_charge");

        Assert.Equal("requires_action", waiting.GetProperty("status").GetString());
        Assert.Equal("processing", processing.GetProperty("status").GetString());
        foreach (var ours in (JsonElement[])[succeeded, declined, waiting, processing])
        {
            AssertSame(ours, theirs);
            AssertKnown(ours.GetProperty("automatic_payment_methods"), typeof(PaymentIntentAutomaticPaymentMethods));
            AssertKnown(ours.GetProperty("last_payment_error"), typeof(StripeError));
            AssertKnown(ours.GetProperty("next_action"), typeof(PaymentIntentNextAction));
            AssertKnown(ours.GetProperty("processing"), typeof(PaymentIntentProcessing));
        }

        AssertSame(succeeded.GetProperty("latest_charge"), theirs.GetProperty("latest_charge"));
        AssertKnown(declined.GetProperty("last_payment_error").GetProperty("payment_method"), typeof(PaymentMethod));
    }

    [Fact]
    public async Task Refunds_have_Stripes_members()
    {
        var intent = await OursAsync($"{Charge}pm_card_visa");
        var form = $"payment_intent={intent.GetProperty("id")}&reason=duplicate";
        var (_, ours) = await stripe.SendAsync(HttpMethod.Post, "/v1/refunds", form);

        AssertSame(ours, await TheirsAsync(HttpMethod.Post, "/v1/refunds", form));
        AssertKnown(ours, typeof(Refund));
    }

    [Theory, InlineData("/v1/payment_intents"), InlineData("/v1/refunds")]
    public async Task Lists_have_Stripes_members(string path)
    {
        var (_, ours) = await stripe.SendAsync(HttpMethod.Get, path);
        var theirs = await TheirsAsync(HttpMethod.Get, path);

        AssertSame(ours, theirs);
        Assert.Equal(theirs.EnumerateObject().Select(member => member.Name).Order(), ours.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(theirs.GetProperty("url").GetString(), ours.GetProperty("url").GetString());
    }

    [Fact]
    public async Task Events_are_of_the_version_that_Stripe_net_takes()
    {
        await stripe.BehaveAsync("late_success");
        await OursAsync($"{Charge}pm_card_visa");
        await stripe.AdvanceAsync(TimeSpan.FromSeconds(3));
        var told = (await stripe.Receiver.NextAsync()).Body;

        Assert.Equal(StripeConfiguration.ApiVersion, told.GetProperty("api_version").GetString());
        AssertKnown(told, typeof(Event));
    }

    private static void AssertSame(JsonElement ours, JsonElement theirs)
    {
        foreach (var member in ours.EnumerateObject())
        {
            Assert.True(theirs.TryGetProperty(member.Name, out var same), $"Stripe's {ours.GetProperty("object")} has no {member.Name}.");
            if (member.Value.ValueKind == JsonValueKind.Null || same.ValueKind == JsonValueKind.Null) continue;

            // What is expanded in one only: an id is text, the object an object.
            if (member.Name == "latest_charge") continue;
            Assert.True(KindOf(member.Value) == KindOf(same), $"{ours.GetProperty("object")}.{member.Name} is {member.Value}, Stripe's {same}.");
        }
    }

    private static JsonValueKind KindOf(JsonElement value) => value.ValueKind == JsonValueKind.False ? JsonValueKind.True : value.ValueKind;

    private static void AssertKnown(JsonElement ours, Type type)
    {
        if (ours.ValueKind == JsonValueKind.Null) return;
        var known = type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(property => property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name).ToHashSet();
        Assert.All(ours.EnumerateObject(), member => Assert.Contains(member.Name, known));
    }

    private async Task<JsonElement> OursAsync(string form) => (await stripe.SendAsync(HttpMethod.Post, "/v1/payment_intents", form)).Body;

    private async Task<JsonElement> TheirsAsync(HttpMethod method, string path, string? form = null)
    {
        Assert.SkipWhen(mock.Address is null, StripeMock.Missing);
        using var request = new HttpRequestMessage(method, new Uri(mock.Address!, path));
        request.Headers.Authorization = new("Bearer", "sk_test_123");
        if (form is not null) request.Content = new StringContent(form, new System.Net.Http.Headers.MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        using var http = new HttpClient();
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonElement.Parse(body);
    }
}
