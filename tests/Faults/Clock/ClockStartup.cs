using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

[assembly: HostingStartup(typeof(Faults.Clock.ClockStartup))]

namespace Faults.Clock;

/// <summary>Gives a service a clock that the matrix can put wrong while it runs. The service's own TryAdd then finds one there.</summary>
public sealed class ClockStartup : IHostingStartup
{
    /// <summary>A folder; the file in it that is named as OTEL_SERVICE_NAME says holds how far that service's clock is ahead.</summary>
    public const string FolderVariable = "FAULTS_CLOCKS";

    /// <inheritdoc />
    public void Configure(IWebHostBuilder builder)
    {
        var (folder, service) = (Environment.GetEnvironmentVariable(FolderVariable), Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME"));
        if (folder is null || service is null) return;
        builder.ConfigureServices(services => services.AddSingleton<TimeProvider>(new WrongClock(Path.Combine(folder, service))));
    }
}
