using System.Globalization;
using System.Net;

namespace Sandbox.Callbacks;

/// <summary>
/// POSTs what the outside world tells, until it is answered. 2xx and 409 are answers; anything else is repeated after 1, 2, 4 and 8 s and then given up,
/// so that a client has to ask. The waits do not count among the requests that are sent at a time: a receiver that is away for long holds nothing up.
/// </summary>
internal sealed partial class PostUntilAnswered(HttpClient http, TimeProvider clock, ILogger<PostUntilAnswered> logger) : IDisposable
{
    private const int Attempts = 5, AtATime = 64;

    private readonly ILogger _logger = logger;
    private readonly SemaphoreSlim _places = new(AtATime);

    /// <param name="what">What is told, for the log: <c>transfer 123</c>.</param>
    /// <param name="request">Makes the request, anew for each attempt.</param>
    /// <param name="cancellationToken">The process stops.</param>
    public async Task SendAsync(string what, Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (url, answer) = await PostAsync(request, cancellationToken);
            if (answer is >= 200 and < 300 or (int)HttpStatusCode.Conflict)
            {
                Answered(what, answer.Value);
                return;
            }

            if (attempt == Attempts)
            {
                GivenUp(what, url, attempt, answer?.ToString(CultureInfo.InvariantCulture) ?? "nothing");
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(1 << attempt - 1), clock, cancellationToken);
        }
    }

    public void Dispose() => _places.Dispose();

    /// <summary>An address without a path is a base address, below which the path is taken.</summary>
    public static Uri UrlOf(Uri address, string path) => address.AbsolutePath == "/" ? new Uri(address, path) : address;

    // Returns the HTTP status, or null without a response.
    private async Task<(Uri Url, int? Status)> PostAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        using var request = make();
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            return (request.RequestUri!, (int)response.StatusCode);
        }
        catch (HttpRequestException)
        {
            return (request.RequestUri!, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (request.RequestUri!, null);
        }
        finally
        {
            _places.Release();
        }
    }

    [LoggerMessage(10, LogLevel.Debug, "Callback for {What} was answered {Status}")]
    private partial void Answered(string what, int status);

    [LoggerMessage(11, LogLevel.Warning, "Callback for {What} to {Url} was given up after {Attempts} attempts; the last was answered by {Answer}")]
    private partial void GivenUp(string what, Uri url, int attempts, string answer);
}

/// <summary>Registers <see cref="PostUntilAnswered"/>.</summary>
internal static class CallbacksFeature
{
    public static void AddCallbacks(this WebApplicationBuilder builder) => builder.Services
        .AddHttpClient<PostUntilAnswered>(http => http.Timeout = TimeSpan.FromSeconds(10))
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        });
}
