using System.Net;

namespace Query.Api.Tests;

public sealed class DatabaseAwayTests : IAsyncDisposable
{
    // Port 1 takes no connections anywhere.
    private readonly QueryService _query = new("Host=127.0.0.1;Port=1;Username=u;Password=p;Database=webhooks");

    public ValueTask DisposeAsync() => _query.DisposeAsync();

    [Theory]
    [InlineData("/v1/transactions/txn_1")]
    [InlineData("/v1/transactions")]
    [InlineData("/v1/transactions?account=acc_1&status=FAILED")]
    public async Task Reads_are_503_with_Retry_After_and_tell_nothing_internal(string path)
    {
        using var response = await _query.GetAsync(path);
        Assert.NotNull(response.Headers.RetryAfter);

        var problem = await _query.GetProblemAsync(path, 503);
        Assert.Equal("unavailable", problem.GetProperty("error").GetString());
        Assert.True(problem.GetProperty("retry_after").GetInt32() > 0);
        Assert.DoesNotContain("127.0.0.1", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/transactions/%ff", HttpStatusCode.NotFound)]
    [InlineData("/v1/transactions?limit=0", HttpStatusCode.UnprocessableEntity)]
    public async Task What_is_wrong_anyway_is_said_without_the_database(string path, HttpStatusCode status)
    {
        using var response = await _query.GetAsync(path);

        Assert.Equal(status, response.StatusCode);
    }

    [Theory]
    [InlineData("/health", HttpStatusCode.ServiceUnavailable)]
    [InlineData("/alive", HttpStatusCode.OK)]
    public async Task It_is_alive_and_not_ready(string path, HttpStatusCode status)
    {
        using var response = await _query.GetAsync(path);

        Assert.Equal(status, response.StatusCode);
    }
}
