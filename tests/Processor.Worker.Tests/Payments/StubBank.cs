using System.Diagnostics.Metrics;
using System.Net;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Processor.Worker.DeadLetters;
using Processor.Worker.Payments;
using Processor.Worker.Work;

namespace Processor.Worker.Tests.Payments;

/// <summary>A bank in this process that gives one answer, for single steps of payments without Kafka.</summary>
internal sealed class StubBank(HttpStatusCode status, string body = "") : HttpMessageHandler
{
    /// <summary>Method and address of each request.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Runs between a request and its answer.</summary>
    public Func<Task> BeforeAnswer { get; init; } = () => Task.CompletedTask;

    /// <summary>Runs one step of a claimed payment; returns how many stale steps were counted.</summary>
    public async Task<long> RunStepAsync(ClaimedPayment payment, NpgsqlDataSource database, PaymentOptions options, TimeProvider clock)
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var superseded = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Name == "aspirewebhooks.payments.superseded") listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => superseded += count);
        listener.Start();
        using var http = new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri("http://bank/") };
        var carryOut = new CarryOutPayment(
            new Bank(http, clock), database, new RecordRetries(database, clock),
            new DeadLetterTopic(null!, clock, NullLogger<DeadLetterTopic>.Instance), Options.Create(options), Options.Create(new BankOptions()),
            new PaymentMetrics(meters), new Problems(meters, clock, NullLogger<Problems>.Instance), new Random(1), clock, NullLogger<CarryOutPayment>.Instance);
        await carryOut.RunAsync(payment, new ReceivedRecord(new TopicPartitionOffset("payments", 0, 0), 0, null, null));
        return superseded;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Add($"{request.Method} {request.RequestUri}");
        await BeforeAnswer();
        return new HttpResponseMessage(status) { Content = new StringContent(body, null, "application/json") };
    }
}
