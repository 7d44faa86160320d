namespace Aspire.Npgsql
{
    /// <summary>Settings of a data source; configuration section <c>Aspire:Npgsql[:name]</c>.</summary>
    public class NpgsqlSettings
    {
        /// <summary>From <c>ConnectionStrings:name</c>.</summary>
        public string? ConnectionString { get; set; }

        /// <summary>Whether it stays out of /health.</summary>
        public bool DisableHealthChecks { get; set; }

        /// <summary>Whether Npgsql's meter is left out.</summary>
        public bool DisableMetrics { get; set; }

        /// <summary>Whether Npgsql's spans are left out.</summary>
        public bool DisableTracing { get; set; }
    }
}

namespace Aspire.Npgsql.EntityFrameworkCore.PostgreSQL
{
    /// <summary>Settings of a DbContext; configuration section <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL[:context]</c>.</summary>
    public class NpgsqlEntityFrameworkCorePostgreSQLSettings
    {
        /// <inheritdoc cref="NpgsqlSettings.ConnectionString" />
        public string? ConnectionString { get; set; }

        /// <summary>Whether a failed command is not tried again; transactions of one's own need it, or an execution strategy.</summary>
        public bool DisableRetry { get; set; }

        /// <summary>Seconds a command may take; null is Npgsql's 30.</summary>
        public int? CommandTimeout { get; set; }

        /// <inheritdoc cref="NpgsqlSettings.DisableHealthChecks" />
        public bool DisableHealthChecks { get; set; }

        /// <inheritdoc cref="NpgsqlSettings.DisableMetrics" />
        public bool DisableMetrics { get; set; }

        /// <inheritdoc cref="NpgsqlSettings.DisableTracing" />
        public bool DisableTracing { get; set; }
    }
}
