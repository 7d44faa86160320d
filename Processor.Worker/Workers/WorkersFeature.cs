using Processor.Worker.Work;

namespace Processor.Worker.Workers;

/// <summary>The state of the workers: problems, heartbeat, gauges and <c>/health/worker</c>.</summary>
internal static class WorkersFeature
{
    public static void AddWorkerHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Problems>();
        builder.Services.AddSingleton<WorkerGauges>();
        builder.Services.AddHostedService<WorkerHeartbeat>();
    }
}
