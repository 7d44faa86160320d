using System.Reflection;
using Confluent.Kafka;

namespace Processor.Worker.Tests.Worlds;

/// <summary>A consumer or producer without a broker: a test answers the calls that it cares for by their names; others do nothing.</summary>
public class KafkaStub : DispatchProxy
{
    private Func<string, object?[], object?> _answer = (_, _) => null;

    /// <typeparam name="T"><see cref="IConsumer{TKey, TValue}"/> or <see cref="IProducer{TKey, TValue}"/>.</typeparam>
    /// <param name="answer">The method's name and arguments; what it returns.</param>
    public static T Of<T>(Func<string, object?[], object?> answer) where T : class
    {
        var stub = Create<T, KafkaStub>();
        ((KafkaStub)(object)stub)._answer = answer;
        return stub;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!.Name, args ?? []);
}
