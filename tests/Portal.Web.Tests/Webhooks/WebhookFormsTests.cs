using Portal.Web.Webhooks;

namespace Portal.Web.Tests.Webhooks;

public sealed class WebhookFormsTests
{
    private static readonly WebhookEndpoint Endpoint = new(
        "1", "https://shop.example/", "cust_42", ["charge.failed", "charge.succeeded"], "text", "envelope", "enabled", null, null, null, null, default);

    [Fact]
    public void A_change_has_only_what_is_different()
    {
        var form = EndpointForm.Of(Endpoint);
        form.EventTypes = ["charge.succeeded", "charge.failed"];
        Assert.Equal("{}", form.ToChange(Endpoint).ToJsonString());

        (form.Description, form.EventTypes) = (" ", null);
        Assert.Equal("""{"description":null,"event_types":[]}""", form.ToChange(Endpoint).ToJsonString());
    }

    [Fact]
    public void A_consumer_does_not_choose_the_customer()
    {
        var form = new EndpointForm { Url = "https://shop.example/", CustomerId = "another" };

        Assert.False(form.ToCreate(isForOperators: false).ContainsKey("customer_id"));
        Assert.Equal("another", (string?)form.ToCreate(isForOperators: true)["customer_id"]);
    }

    [Fact]
    public void Only_what_was_counted_is_replayed()
    {
        var form = new ReplayForm { Since = "2026-01-15T10:30", Only = "failed", Step = "count" };
        Assert.Equal(
            """{"since":"2026-01-15T10:30:00Z","until":null,"only":"failed","dry_run":true}""", form.ToBody().ToJsonString());

        (form.Counted, form.Step) = (form.Asked, ReplayForm.Send);
        Assert.False((bool)form.ToBody()["dry_run"]!);

        form.Only = "all";
        Assert.True((bool)form.ToBody()["dry_run"]!);
    }

    [Fact]
    public void A_time_before_the_range_goes_before_it_and_the_range_is_to_the_minute()
    {
        var filter = new DeliveryFilter(null, "failed", null, "1h", null, "");
        var now = new DateTimeOffset(2026, 1, 15, 10, 30, 45, TimeSpan.Zero);

        Assert.Equal("/webhooks?status=failed&from=2026-01-15T09%3A30%3A00Z", filter.ToApi(now));
        Assert.Equal("/webhooks?status=failed&from=2026-01-15T08%3A00%3A00Z", (filter with { From = "2026-01-15T08:00" }).ToApi(now));
    }

    [Fact]
    public void The_line_of_a_small_chart_has_the_most_at_the_top_and_nothing_at_the_bottom()
    {
        Assert.Equal("0,34 50,2 100,18", SparkLine.Points([0, 4, 2], 4));
        Assert.Equal("0,34 100,34", SparkLine.Points([0, 0], 0));
        Assert.Equal("", SparkLine.Points([], 0));
    }
}
