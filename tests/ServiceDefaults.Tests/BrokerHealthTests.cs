using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using ServiceDefaults.Health;

namespace ServiceDefaults.Tests;

/// <summary>Nothing else may run meanwhile: it is this process's time that is looked at.</summary>
[CollectionDefinition(nameof(BrokerHealthTests), DisableParallelization = true)]
public class Alone;

[Collection(nameof(BrokerHealthTests))]
public class BrokerHealthTests
{
    private const int Probes = 4;

    /// <summary>Where proc(5)'s fields 14 and 15 are, counted from field 3, in hundredths of a second.</summary>
    private const int UserTime = 11, SystemTime = 12;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>A client that polls without a pause took 1.8 to 2 s for them on a machine with much else to do; a few milliseconds are needed.</summary>
    private static readonly TimeSpan Affordable = TimeSpan.FromSeconds(0.5);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_broker_that_is_away_is_named_and_asking_for_it_costs_next_to_no_processor_time(bool hangs)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0); // Connections are taken by the system, and nobody ever answers; or it is closed again.
        listener.Start();
        var address = listener.LocalEndpoint.ToString()!;
        if (!hangs) listener.Stop();
        using var host = Host(address);
        var health = host.Services.GetRequiredService<HealthCheckService>();
        await health.CheckHealthAsync(Cancelled); // All that happens once.

        var before = ProcessorTime();
        for (var i = 0; i < Probes; i++)
        {
            var report = await health.CheckHealthAsync(Cancelled);
            Assert.Equal(HealthStatus.Degraded, report.Entries["broker"].Status);
            Assert.NotNull(report.Entries["broker"].Description);
        }

        var after = ProcessorTime();
        var compiled = after.Compiler.Aggregate(TimeSpan.Zero, (sum, thread) => sum + thread.Value - before.Compiler.GetValueOrDefault(thread.Key));
        var taken = after.Total - before.Total - compiled;
        Assert.True(taken < Affordable, $"{Probes} probes took {taken} of processor time.");
    }

    [Fact]
    public async Task However_many_probe_a_broker_that_hangs_one_thread_waits_and_it_is_none_of_the_pools()
    {
        var asked = 0;
        var isPools = true;
        using var answers = new ManualResetEventSlim();
        using var health = new BrokerHealth(() =>
        {
            Interlocked.Increment(ref asked);
            isPools = Thread.CurrentThread.IsThreadPoolThread;
            answers.Wait(Cancelled);
            return 3;
        });

        var probes = Enumerable.Range(0, 100).Select(_ => health.CheckHealthAsync(Context(health), Cancelled)).ToList();
        Assert.All(probes, probe => Assert.False(probe.IsCompleted));
        answers.Set();

        Assert.All(await Task.WhenAll(probes), result => Assert.Equal((HealthStatus.Healthy, "3 brokers"), (result.Status, result.Description)));
        Assert.Equal((1, false), (asked, isPools));
    }

    [Fact]
    public async Task Each_probe_after_an_answer_asks_anew()
    {
        var isThere = true;
        using var health = new BrokerHealth(() => isThere ? 1 : throw new KafkaException(ErrorCode.Local_TimedOut));
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(Context(health), Cancelled)).Status);
        isThere = false;
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(Context(health), Cancelled)).Status);
        isThere = true;
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(Context(health), Cancelled)).Status);
    }

    // Of all threads, those that have ended included; and of those that compile what earlier tests have warmed up, which took 1.5 s. Such a thread
    // ends when it has had nothing to do for 4 s, so each is looked at by itself.
    private static (TimeSpan Total, Dictionary<string, TimeSpan> Compiler) ProcessorTime()
    {
        var compiler = new Dictionary<string, TimeSpan>();
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                if (!File.ReadAllText($"{thread}/comm").StartsWith(".NET Tiered", StringComparison.Ordinal)) continue;
                var fields = File.ReadAllText($"{thread}/stat").Split(") ")[1].Split(' ');
                compiler[thread] = (int.Parse(fields[UserTime], Culture) + int.Parse(fields[SystemTime], Culture)) * Tick;
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        return (Environment.CpuUsage.TotalTime, compiler);
    }

    private static HealthCheckContext Context(BrokerHealth health) => new() { Registration = new("broker", health, HealthStatus.Unhealthy, null) };

    private static IHost Host(string address)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:broker", address)]);
        builder.Services.AddLogging();
        builder.AddBrokerHealth("broker", HealthStatus.Degraded);
        return builder.Build();
    }
}
