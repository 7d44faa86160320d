namespace LocalHosting.Servers;

/// <summary>The programs that run servers; they lie beside this assembly. Their own first lines say what arguments they take.</summary>
internal static class Script
{
    public static string Postgres => Of("postgres.sh");

    public static string Redis => Of("redis.sh");

    public static string Kafka => Of("kafka.sh");

    /// <summary>librdkafka's mock cluster.</summary>
    public static string EmbeddedKafka => Path.Combine(AppContext.BaseDirectory, "LocalHosting.EmbeddedKafka");

    private static string Of(string name) => Path.Combine(AppContext.BaseDirectory, "Scripts", name);
}
