using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ServiceDefaults.Outbound;

/// <summary>What went wrong with a request, in words. The exceptions of HttpClient say it in several ways; what they know is in the innermost one.</summary>
internal static class SendFailures
{
    /// <summary>The time limit is over.</summary>
    /// <param name="status">The answer's status; null when no headers came.</param>
    /// <param name="limit">The time limit.</param>
    public static SendFailure OfTimeout(int? status, TimeSpan limit) => status is null
        ? new(SendFailureKind.NoAnswer, $"no answer within {Seconds(limit)}")
        : new(SendFailureKind.BodyWithoutEnd, $"answered {status}, but the body did not end within {Seconds(limit)}");

    /// <summary>An exception of HttpClient or of an answer's stream.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="status">The answer's status; null when no headers came.</param>
    public static SendFailure Of(Exception exception, int? status)
    {
        var all = Chain(exception).ToArray();
        if (all.OfType<AddressRefusedException>().FirstOrDefault() is { } refused) return new(SendFailureKind.AddressRefused, refused.Message);
        if (all.OfType<CertificateRefusedException>().FirstOrDefault() is { } certificate) return new(SendFailureKind.Tls, "TLS: " + certificate.Message);
        var error = (exception as HttpRequestException)?.HttpRequestError ?? (exception as HttpIOException)?.HttpRequestError;
        if (status is null && error is HttpRequestError.SecureConnectionError) return new(SendFailureKind.Tls, "TLS: " + TlsWords(all));
        if (status is null && error is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
            return OfConnecting(all.OfType<SocketException>().FirstOrDefault()?.SocketErrorCode);
        if (exception is OperationCanceledException) return NoConnection(); // The handler's ConnectTimeout: every other one is known.
        return error switch
        {
            HttpRequestError.InvalidResponse => new(SendFailureKind.InvalidAnswer, "the answer is not HTTP/1.1"),
            HttpRequestError.ConfigurationLimitExceeded =>
                new(SendFailureKind.InvalidAnswer, $"the answer's headers are larger than {GuardedConnection.MaxHeadersKiB} KiB"),
            _ when status is null => new(SendFailureKind.ConnectionClosed, "the connection was closed before an answer came"),
            _ => new(SendFailureKind.ConnectionClosed, $"answered {status}, but the connection was closed before the body ended"),
        };
    }

    private static SendFailure OfConnecting(SocketError? error) => error switch
    {
        SocketError.HostNotFound or SocketError.NoData => new(SendFailureKind.NameNotResolved, "the name is not known to DNS"),
        SocketError.TryAgain or SocketError.NoRecovery => new(SendFailureKind.NameNotResolved, "the name could not be resolved: DNS did not answer"),
        SocketError.ConnectionRefused => new(SendFailureKind.NotConnected, "the connection was refused: nothing listens at that port"),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.AddressFamilyNotSupported =>
            new(SendFailureKind.NotConnected, "there is no route to the address"),
        SocketError.TimedOut => NoConnection(),
        _ => new(SendFailureKind.NotConnected, $"no connection ({error?.ToString() ?? "unknown error"})"),
    };

    private static SendFailure NoConnection() => new(SendFailureKind.NotConnected, $"no connection within {Seconds(GuardedConnection.ConnectLimit)}");

    // Alerts have no code in .NET; OpenSSL's text names them (RFC 8446, 6).
    private static string TlsWords(Exception[] all)
    {
        var text = all[^1].Message;
        if (text.Contains("protocol version", StringComparison.Ordinal) || text.Contains("unsupported protocol", StringComparison.Ordinal))
            return "the server has no version of TLS that is accepted here";
        if (text.Contains("handshake failure", StringComparison.Ordinal)) return "the server refused the handshake, as when it knows no common cipher";
        if (text.Contains("unrecognized name", StringComparison.Ordinal)) return "the server does not know that host name";
        if (text.Contains("certificate required", StringComparison.Ordinal)) return "the server asks for a client certificate";
        return all[^1] is AuthenticationException ? "the server does not speak TLS at that port" : "the server ended the handshake";
    }

    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException) yield return exception;
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");
}
