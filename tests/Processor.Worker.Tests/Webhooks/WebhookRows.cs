using System.Globalization;
using System.Security.Cryptography;
using Contracts;
using Data;
using Data.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Webhooks;

/// <summary>Endpoints as Ingest.Api makes them, and events, straight into the tables.</summary>
internal sealed class WebhookRows(World world) : IAsyncDisposable
{
    private readonly IHost _services = Services(world.ConnectionString);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>What a worker of these tests is told: it may send to this machine, and tries again soon.</summary>
    public static (string Name, string Value)[] Settings { get; } =
    [
        ("Webhooks:AllowLoopback", "true"), ("Webhooks:AllowHttp", "true"), ("Webhooks:RetryWaits:0", "00:00:00.050"),
        ("Webhooks:RetryWaits:1", "00:00:00.050"),
    ];

    public async Task<(Guid Id, WebhookSecret Secret)> AddEndpointAsync(
        string url, string? customer = null, string[]? types = null, string style = PayloadStyle.Envelope, WebhookSecret? previous = null)
    {
        var secret = WebhookSecret.New(RandomNumberGenerator.Fill);
        var protect = _services.Services.GetRequiredService<EndpointSecrets>();
        var id = Guid.CreateVersion7();
        await using var command = world.Database.CreateCommand(
            """
            INSERT INTO webhook_endpoints (id, url, customer_id, event_types, payload_style, secret, previous_secret, previous_secret_until)
            VALUES ($1, $2, $3, $4, $5, $6, $7, now() + interval '1 h')
            """);
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(url);
        command.Parameters.Add(Parameter.Text(customer));
        command.Parameters.AddWithValue(types ?? []);
        command.Parameters.AddWithValue(style);
        command.Parameters.AddWithValue(protect.Protect(secret));
        command.Parameters.Add(Parameter.Text(previous is null ? null : protect.Protect(previous)));
        await command.ExecuteNonQueryAsync(Cancelled);
        return (id, secret);
    }

    /// <summary>Notices with these numbers as data: events that need no resource.</summary>
    public async Task AddNoticesAsync(params IEnumerable<int> numbers)
    {
        await using var command = world.Database.CreateCommand(
            $$"""
            INSERT INTO webhook_events (id, type, resource_id, snapshot)
            SELECT uuid_v7(), '{{WebhookEvents.OperationsDeadLetter}}', n::text, json_build_object('n', n) FROM unnest($1) AS n ORDER BY n
            """);
        command.Parameters.AddWithValue(numbers.ToArray());
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    public Task UntilAsync(string condition) => Eventually.TrueAsync(_ => world.ScalarAsync<bool>($"SELECT {condition}"), Cancelled);

    public Task UntilDeliveredAsync(int count) => UntilAsync(
        string.Create(CultureInfo.InvariantCulture, $"count(*) FILTER (WHERE status = 'delivered') = {count} FROM webhook_deliveries"));

    public async ValueTask DisposeAsync()
    {
        if (_services is IAsyncDisposable services) await services.DisposeAsync();
    }

    private static IHost Services(string database)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(NpgsqlDataSource.Create(database + ";Maximum Pool Size=2"));
        builder.AddWebhooksContext();
        builder.AddEndpointSecrets(isMaker: true);
        return builder.Build();
    }
}
