/// <summary>Settings of the services that may be given to the AppHost.</summary>
internal static class Settings
{
    public const string Help =
        """
        AppHost starts the whole system on this machine: PostgreSQL, Kafka, Redis, every service, and Aspire's dashboard. Ctrl-C stops all of it.

          dotnet run --project AppHost -- [--Port=8001] [--DataFolder=FOLDER] [--Servers=processes|containers] [--KAFKA_HOME=FOLDER]

          --Port=N              the front door's port (8000); 0 takes a free one
          --DataFolder=FOLDER   where data are kept; delete it to start afresh
          --Servers=...         containers where an engine runs, else processes; this overrides
          --KAFKA_HOME=FOLDER   Apache Kafka from its jars instead of the embedded broker

          dotnet run --project AppHost -- --publisher manifest --output-path manifest.json

        Settings of the services given to it reach them; docs/settings.md lists all.
        """;

    /// <summary>
    /// Takes parameters' values from settings that services know by other names. Without this <c>WEBHOOK_SECRET=... dotnet run</c> would be ignored: the
    /// AppHost gives each service the parameter's value.
    /// </summary>
    /// <param name="builder">The application, before its parameters are added.</param>
    /// <param name="settings">A parameter, and the setting as a service names it.</param>
    public static void TakeFromEnvironment(this IDistributedApplicationBuilder builder, params (string Parameter, string Setting)[] settings)
    {
        foreach (var (parameter, setting) in settings)
        {
            if (builder.Configuration[setting] is { Length: > 0 } value) builder.Configuration[$"Parameters:{parameter}"] = value;
        }
    }

    /// <summary>
    /// Gives a service a secret. In a manifest it has a name that deployers know for one: they make a Secret of what begins with ConnectionStrings, and may
    /// write everything else in plain text. The services know both (ServiceDefaults/Starting/SecretSettings.cs).
    /// </summary>
    public static IResourceBuilder<T> WithSecret<T>(this IResourceBuilder<T> service, string setting, IResourceBuilder<ParameterResource> secret)
        where T : IResourceWithEnvironment => service.WithEnvironment(Published(service.ApplicationBuilder, setting), secret);

    /// <summary>The same for Redis, to whose shell Aspire gives the password as REDIS_PASSWORD.</summary>
    public static IResourceBuilder<RedisResource> WithSecretPassword(this IResourceBuilder<RedisResource> redis)
    {
        const string Name = "REDIS_PASSWORD";
        return redis
            .WithEnvironment(context =>
            {
                if (context.EnvironmentVariables.Remove(Name, out var password))
                    context.EnvironmentVariables[Published(redis.ApplicationBuilder, Name)] = password;
            })
            .WithArgs(context =>
            {
                for (var i = 0; i < context.Args.Count; i++)
                {
                    if (context.Args[i] is string text)
                        context.Args[i] = text.Replace($"${Name}", $"${Published(redis.ApplicationBuilder, Name)}", StringComparison.Ordinal);
                }
            });
    }

    private static string Published(IDistributedApplicationBuilder builder, string setting) =>
        builder.ExecutionContext.IsPublishMode ? $"ConnectionStrings__{setting}" : setting;
}
