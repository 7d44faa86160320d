using Microsoft.AspNetCore.Connections.Features;

namespace Sandbox.Requests;

/// <summary>Resets the connection of a request (TCP's RST): the caller sees an error instead of an end.</summary>
internal static class ConnectionReset
{
    public static void Send(HttpContext http)
    {
        if (http.Features.Get<IConnectionSocketFeature>() is { Socket: { } socket }) socket.LingerState = new(enable: true, seconds: 0);
        http.Abort();
    }
}
