using System.Security.Cryptography;
using Contracts;
using Data;
using Data.Webhooks;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Outbound;
using ServiceDefaults.Problems;

namespace Ingest.Api.Webhooks;

/// <summary>Endpoints by configuration: the environment variable <c>WEBHOOK_URLS</c>.</summary>
internal sealed class ConfiguredEndpointsOptions
{
    public const string Setting = "WEBHOOK_URLS";

    /// <summary>Each once, in their order.</summary>
    public IReadOnlyList<string> Urls { get; set; } = [];

    /// <summary>Whether an endpoint may have each of them. Names are not resolved: a service must start while DNS is away.</summary>
    public bool AreAllowed(OutboundOptions options) => Urls.All(url => TargetUrl.Check(url, options) is null);

    /// <summary>The URLs of a setting's value, which are separated by commas.</summary>
    public static IReadOnlyList<string> Read(string? value) =>
        [.. (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
}

/// <summary>
/// Adds an endpoint for each URL of <c>WEBHOOK_URLS</c> that has none, when the service starts. Roles: every instance does; a lock of the database lets one
/// after the other look. Guarantee: while its URL is configured, an endpoint for everybody's charges is there at every start, and never a second one.
/// Dies at any step: nothing was added, and the next start does it. PostgreSQL is away: it tries again until it answers; the service takes requests meanwhile.
/// The secrets are random and shown to nobody: rotate-secret gives one that is known.
/// </summary>
internal sealed partial class ConfiguredEndpoints(
    NpgsqlDataSource database, EndpointSecrets secrets, IOptions<ConfiguredEndpointsOptions> options, TimeProvider clock, ILogger<ConfiguredEndpoints> logger)
    : BackgroundService
{
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Receivers of the flat style know charges alone, and answer 422 to all else: ten attempts each, and after five days they would be disabled.
    /// </summary>
    private static readonly string[] OfCharges = [WebhookEvents.ChargeSucceeded, WebhookEvents.ChargeFailed, WebhookEvents.ChargeRefunded];

    private const string Lock = "SELECT pg_advisory_xact_lock($1)";

    private const string Insert =
        $"""
        INSERT INTO webhook_endpoints (id, url, event_types, payload_style, secret)
        SELECT uuid_v7(), c.url, $3, '{PayloadStyle.Flat}', c.secret FROM unnest($1, $2) AS c (url, secret)
        WHERE NOT EXISTS (SELECT FROM webhook_endpoints w WHERE w.url = c.url AND w.customer_id IS NULL AND w.deleted_at IS NULL)
        RETURNING id, url
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Urls.Count == 0) return;
        while (true)
        {
            try
            {
                await AddAsync(stoppingToken);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return; // The next start does it.
            }
            catch (Exception exception) when (ForeseenFaults.Include(exception))
            {
                NotYetAdded(ForeseenFaults.ReasonOf(exception));
            }

            await Task.Delay(RetryWait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AddAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var command = new NpgsqlCommand(Lock, connection))
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = AdvisoryLock.ConfiguredEndpoints });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        string[] made = [.. options.Value.Urls.Select(_ => secrets.Protect(WebhookSecret.New(RandomNumberGenerator.Fill)))];
        var added = new List<(Guid Id, string Url)>();
        await using (var command = new NpgsqlCommand(Insert, connection))
        {
            command.Parameters.Add(Parameter.Array([.. options.Value.Urls], NpgsqlDbType.Text));
            command.Parameters.Add(Parameter.Array(made, NpgsqlDbType.Text));
            command.Parameters.Add(Parameter.Array(OfCharges, NpgsqlDbType.Text));
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken)) added.Add((row.GetGuid(0), row.GetString(1)));
        }

        await transaction.CommitAsync(CancellationToken.None);

        // The host alone: a path may have a token in it.
        foreach (var (id, url) in added) Added(id, new Uri(url).Host);
    }

    [LoggerMessage(130, LogLevel.Information, "Endpoint {Id} at {Host} was added, since WEBHOOK_URLS names it; rotate-secret shows a secret for it")]
    private partial void Added(Guid id, string host);

    [LoggerMessage(131, LogLevel.Warning, "The endpoints of WEBHOOK_URLS cannot be added yet, and it is tried again: {Reason}")]
    private partial void NotYetAdded(string reason);
}
