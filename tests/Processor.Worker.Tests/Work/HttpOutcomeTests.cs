using System.Net;
using System.Net.Http.Headers;
using Processor.Worker.Work;

namespace Processor.Worker.Tests.Work;

public sealed class HttpOutcomeTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero);

    [Fact]
    public void Every_status_has_its_meaning()
    {
        int[] misconfigured = [401, 403, 404, 405, 407], retried = [408, 409, 425, 429];
        for (var status = 200; status < 600; status++)
        {
            var expected = status < 300 ? HttpOutcomeKind.Done
                : status < 400 || misconfigured.Contains(status) ? HttpOutcomeKind.Misconfigured
                : status >= 500 || retried.Contains(status) ? HttpOutcomeKind.Retry
                : HttpOutcomeKind.Refused;
            Assert.Equal((status, expected), (status, HttpOutcome.KindOf(status)));
        }
    }

    [Theory]
    [InlineData(429, true)]
    [InlineData(503, true)]
    [InlineData(425, true)]
    [InlineData(422, true)]
    [InlineData(401, true)]
    [InlineData(500, false)]
    [InlineData(504, false)]
    [InlineData(408, false)]
    [InlineData(409, false)]
    public void Only_what_is_answered_before_the_work_is_certainly_not_done(int status, bool isCertain) =>
        Assert.Equal(isCertain, new HttpOutcome(HttpOutcome.KindOf(status), status).IsCertainlyNotDone);

    [Fact]
    public void Retry_after_is_read_as_seconds_and_as_a_date()
    {
        Assert.Equal(TimeSpan.FromSeconds(120), RetryAfter(new(TimeSpan.FromSeconds(120))));
        Assert.Equal(TimeSpan.FromSeconds(90), RetryAfter(new(Now.AddSeconds(90))));
        Assert.Null(RetryAfter(new(Now.AddSeconds(-90))));
        Assert.Null(RetryAfter(null));
    }

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter = header;
        return HttpOutcome.Of(response, Now).RetryAfter;
    }
}
