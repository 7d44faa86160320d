using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data;

/// <summary>
/// The connections of a service to the database <c>webhooks</c>.
/// <para>
/// A peer that vanishes (power, a dropped NAT entry, a frozen host) sends no FIN: the connection looks open at the other end. With the systems'
/// defaults the server then keeps the session's locks for two hours, and a service waits on its dead connections until its statements time out.
/// So both ends probe an idle connection, and every wait of a session has a limit. What the connection string says about these settings wins.
/// </para>
/// </summary>
public static class WebhooksDatabase
{
    /// <summary>The longest statement of a service: under the 15 s that the front door waits for an answer.</summary>
    public static readonly TimeSpan StatementTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The longest time that a transaction may stay open between two statements: no service does more than compute there.</summary>
    private static readonly TimeSpan IdleInTransactionTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A connection on which nothing has come for this long is probed, and is dead when <see cref="Probes"/> probes are not answered: 16 s at the
    /// server, 28 s at the client, where Linux sends nine.
    /// </summary>
    private static readonly TimeSpan ProbeAfter = TimeSpan.FromSeconds(10), ProbeInterval = TimeSpan.FromSeconds(2);

    private const int Probes = 3;

    /// <summary>How long what one end has sent may stay unacknowledged: TCP's own limit is about 15 minutes.</summary>
    private static readonly TimeSpan UnacknowledgedTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How often the server looks during a statement whether the client is still connected.</summary>
    private static readonly TimeSpan ClientCheckInterval = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a client whose statement timed out waits for the server to cancel it. Npgsql's 2 s add to every time-out on a dead connection.
    /// </summary>
    private static readonly TimeSpan CancellationTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How long the server may take to say that a statement was too long.</summary>
    private static readonly TimeSpan ServersAnswer = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Registers <see cref="NpgsqlDataSource"/> for <c>ConnectionStrings:webhooks</c>. A statement has a span when it is part of a trace: of a request, a
    /// record, a batch. Statements that a service runs by itself, such as a heartbeat every 2 s, would each be a trace of their own.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="configure">Further settings of the service.</param>
    /// <param name="statementTimeout">Another limit than <see cref="StatementTimeout"/>.</param>
    public static void AddWebhooksDatabase(
        this IHostApplicationBuilder builder, Action<NpgsqlDataSourceBuilder>? configure = null, TimeSpan? statementTimeout = null) =>
        builder.AddNpgsqlDataSource("webhooks", configureDataSourceBuilder: source =>
        {
            ConfigureSessions(source.ConnectionStringBuilder, statementTimeout ?? StatementTimeout);
            source.ConfigureTracing(tracing => tracing.ConfigureCommandFilter(_ => IsPartOfTrace).ConfigureBatchFilter(_ => IsPartOfTrace));
            configure?.Invoke(source);
            LimitCommands(source.ConnectionStringBuilder, statementTimeout ?? StatementTimeout);
        });

    /// <summary>Registers <see cref="WebhooksDbContext"/> on the connections of <see cref="AddWebhooksDatabase"/>, for what is not on a hot path.</summary>
    public static void AddWebhooksContext(this IHostApplicationBuilder builder) => builder.Services.AddDbContextPool<WebhooksDbContext>((services, options) =>
        options.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>()).ConfigureWarnings(warnings => warnings.Log(
            // What failed is logged once, where it is answered.
            (RelationalEventId.ConnectionError, LogLevel.Debug), (CoreEventId.QueryIterationFailed, LogLevel.Debug),
            (CoreEventId.SaveChangesFailed, LogLevel.Debug))));

    private static bool IsPartOfTrace => Activity.Current is not null;

    /// <summary>
    /// A statement on a connection that carries nothing any more ends by this alone. A little longer than the server's own limit, whose answer says more; with
    /// Npgsql's 30 s each of the worker's loops stood still for half a minute (tests/Faults).
    /// </summary>
    private static void LimitCommands(NpgsqlConnectionStringBuilder connection, TimeSpan statementTimeout)
    {
        if (!connection.ShouldSerialize("Command Timeout")) connection.CommandTimeout = (int)Math.Ceiling((statementTimeout + ServersAnswer).TotalSeconds);
    }

    private static void ConfigureSessions(NpgsqlConnectionStringBuilder connection, TimeSpan statementTimeout)
    {
        if (!connection.ShouldSerialize("TCP Keepalive")) connection.TcpKeepAlive = true;
        if (!connection.ShouldSerialize("TCP Keepalive Time")) connection.TcpKeepAliveTime = (int)ProbeAfter.TotalMilliseconds;
        if (!connection.ShouldSerialize("TCP Keepalive Interval")) connection.TcpKeepAliveInterval = (int)ProbeInterval.TotalMilliseconds;
        if (!connection.ShouldSerialize("Cancellation Timeout")) connection.CancellationTimeout = (int)CancellationTimeout.TotalMilliseconds;

        // Without just-in-time compilation: where the planner takes few rows for many, it takes a second for a statement of five milliseconds. Each of the
        // relay's looks did while the tables had no statistics, and a core was busy with it (docs/performance.md).
        // Before those of the connection string: of two options with one name PostgreSQL takes the last.
        connection.Options = string.Create(CultureInfo.InvariantCulture,
            $"""
            -c statement_timeout={statementTimeout.TotalMilliseconds:0} -c idle_in_transaction_session_timeout={IdleInTransactionTimeout.TotalMilliseconds:0}
             -c tcp_keepalives_idle={ProbeAfter.TotalSeconds:0} -c tcp_keepalives_interval={ProbeInterval.TotalSeconds:0} -c tcp_keepalives_count={Probes}
             -c tcp_user_timeout={UnacknowledgedTimeout.TotalMilliseconds:0} -c client_connection_check_interval={ClientCheckInterval.TotalMilliseconds:0}
             -c jit=off {connection.Options}
            """).ReplaceLineEndings("").TrimEnd();
    }
}
