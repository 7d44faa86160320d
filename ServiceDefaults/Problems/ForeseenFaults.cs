using System.Net.Sockets;
using Confluent.Kafka;
using StackExchange.Redis;

namespace ServiceDefaults.Problems;

/// <summary>
/// Exceptions that are no mistake of the program: the database, the broker, Redis or a service is away or slow, or somebody has hung up. Where they are
/// thrown is of no interest; what is away and why is.
/// </summary>
public static class ForeseenFaults
{
    /// <summary>Whether the exception is one of them.</summary>
    public static bool Include(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: var inner } => inner.Count > 0 && inner.All(Include),
        KafkaException or RedisException or HttpRequestException or SocketException or IOException => true,
        TimeoutException or OperationCanceledException or CommitOutcomeUnknownException => true,
        _ => DatabaseFaults.Of(exception) != DatabaseFault.None,
    };

    /// <summary>The messages from the outermost to the innermost, without those that repeat what was said.</summary>
    public static string ReasonOf(Exception exception)
    {
        var messages = new List<string>();
        for (var current = exception; current is not null; current = current.InnerException)
        {
            var message = current.Message.TrimEnd('.');
            if (!messages.Any(said => said.Contains(message, StringComparison.Ordinal))) messages.Add(message);
        }

        return string.Join(": ", messages);
    }
}
