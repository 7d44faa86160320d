using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Portal.Web.FrontDoor;

/// <summary>
/// Decides by the requests it was sent whether a replica gets more. One that cannot be reached gets none for <see cref="Pause"/>; one that was reached and
/// did not answer, after <see cref="MaxUnanswered"/> times in a row. What a caller did wrong says nothing about the replica: a request that he gave up, a
/// body that broke off, came too slowly or was too large.
/// </summary>
/// <remarks>
/// YARP's own policy, TransportFailureRate, does otherwise: it needs ten requests before it decides, counts requests that could not be sent because of what
/// the caller wrote in them, and pauses for its detection window (60 s) when the cluster's ReactivationPeriod is shorter.
/// </remarks>
internal sealed class ReplicaHealth(IDestinationHealthUpdater health) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = "ReplicaHealth";

    /// <summary>How many requests in a row may stay unanswered. One of them may itself be what the service breaks at.</summary>
    private const int MaxUnanswered = 3;

    /// <summary>Long enough that few writes meet a replica that is away, short enough that one that returns is soon used.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly ConditionalWeakTable<DestinationState, StrongBox<int>> _unanswered = [];

    private enum Judgement
    {
        Answered,
        NotReached,
        NotAnswered,
        SaysNothing,
    }

    public string Name => PolicyName;

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        var unanswered = _unanswered.GetOrCreateValue(destination);
        switch (Judge(context))
        {
            case Judgement.Answered:
                Volatile.Write(ref unanswered.Value, 0);
                health.SetPassive(cluster, destination, DestinationHealth.Healthy, Pause);
                break;
            case Judgement.NotAnswered when Interlocked.Increment(ref unanswered.Value) < MaxUnanswered:
            case Judgement.SaysNothing:
                break;
            default:
                Volatile.Write(ref unanswered.Value, 0);
                health.SetPassive(cluster, destination, DestinationHealth.Unhealthy, Pause);
                break;
        }
    }

    private static Judgement Judge(HttpContext context) => context.GetForwarderErrorFeature() switch
    {
        null => Judgement.Answered,
        _ when context.RequestAborted.IsCancellationRequested => Judgement.SaysNothing,
        { } failure when failure.WasNeverConnected() => Judgement.NotReached,
        { Error: ForwarderError.Request, Exception: HttpRequestException { InnerException: IOException } } => Judgement.NotAnswered,
        { Error: ForwarderError.Request, Exception: HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } } => Judgement.NotAnswered,
        { Error: ForwarderError.ResponseBodyDestination } => Judgement.NotAnswered,

        // A body that is streamed may be what was waited for; one that is sent in one piece was here before the service was asked.
        { Error: ForwarderError.RequestTimedOut } when !BufferedBodies.IsStreamed(context.Request) => Judgement.NotAnswered,
        _ => Judgement.SaysNothing,
    };
}
