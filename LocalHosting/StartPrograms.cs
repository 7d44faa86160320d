using System.Reflection;

namespace LocalHosting;

/// <summary>How projects are started.</summary>
public static class StartPrograms
{
    /// <summary>
    /// Starts each project's program itself. Aspire starts <c>dotnet run</c>, which stays beside each of them with 150 MB, and takes seconds to find out that
    /// there is nothing to build: <c>dotnet run --project AppHost</c> has built them all.
    /// </summary>
    /// <param name="builder">The application, with all of its projects.</param>
    public static IDistributedApplicationBuilder StartProgramsDirectly(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode) return builder;
        var configuration = typeof(StartPrograms).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        foreach (var project in builder.Resources.OfType<ProjectResource>())
        {
            var file = project.GetProjectMetadata().ProjectPath;
            var folder = Path.GetDirectoryName(file)!;
            var program = Path.Combine(folder, $"bin/{configuration}/net{Environment.Version.Major}.0", Path.GetFileNameWithoutExtension(file));
            project.Annotations.Add(new ExecutableAnnotation { Command = program, WorkingDirectory = folder });

            // Aspire has services try again to send their last telemetry, and stops the dashboard first: with that they ran on until they
            // were killed after 6 s.
            project.Annotations.Add(new EnvironmentCallbackAnnotation("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", () => ""));

            // They speak plain HTTP; without this Aspire warns that it has found no certificate for them.
            builder.CreateResourceBuilder(project).WithoutHttpsCertificate();
        }

        return builder;
    }
}
