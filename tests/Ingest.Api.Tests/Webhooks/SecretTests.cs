using Data;
using Data.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Ingest.Api.Tests.Webhooks;

[Collection(nameof(WebhookService))]
public sealed class SecretTests(WebhookService webhooks)
{
    private const string Path = "/webhooks/endpoints";

    [Fact]
    public async Task A_secret_is_shown_once_and_stands_nowhere_else()
    {
        var created = await webhooks.PostAsync(Path, """{"url":"https://secret.example"}""", ("Idempotency-Key", "secret-create"), WebhookService.Admin);
        var (id, first) = (created.Json.Id(), created.Json.Text("secret"));
        var rotated = await webhooks.PostAsync($"{Path}/{id}/rotate-secret", null, ("Idempotency-Key", "secret-rotate"), WebhookService.Admin);
        var second = rotated.Json.Text("secret");
        string[] answers =
        [
            (await webhooks.SendAsync("PATCH", $"{Path}/{id}", """{"description":"x"}""")).Body,
            (await webhooks.PostAsync($"{Path}/{id}/test")).Body,
            (await webhooks.PostAsync($"{Path}/{id}/replay", """{"since":"2026-01-01T00:00:00Z","only":"all"}""")).Body,
            (await webhooks.PostAsync(Path, "{}", ("Idempotency-Key", "secret-create"), WebhookService.Admin)).Body,
        ];

        var rows = await webhooks.Database.ReadAsync<string>(
            $"""
            SELECT (SELECT string_agg(w::text, '') FROM webhook_endpoints w) || (SELECT string_agg(d::text, '') FROM webhook_deliveries d)
                || (SELECT string_agg(encode(k.body, 'escape'), '') FROM idempotency_keys k) || (SELECT string_agg(e::text, '') FROM webhook_events e)
            """);
        foreach (var bare in (string[])[first["whsec_".Length..^1], second["whsec_".Length..^1]])
        {
            Assert.All([.. answers, rows], text => Assert.DoesNotContain(bare, text, StringComparison.Ordinal));
            Assert.NotEmpty(webhooks.Logs);
            Assert.All(webhooks.Logs, line => Assert.DoesNotContain(bare, line, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_old_secret_signs_for_a_day_after_a_rotation_and_never_more_than_two_do()
    {
        var created = await webhooks.EndpointAsync();
        var (id, first) = (created.Id(), created.Text("secret"));

        var rotated = await webhooks.PostAsync($"{Path}/{id}/rotate-secret");
        var second = rotated.Json.Text("secret");
        Assert.Equal((200, "no-store", id), (rotated.Status, rotated.Headers["Cache-Control"], rotated.Json.Text("endpoint_id")));
        Assert.Equal((second, first), await SecretsAsync(id));
        Assert.True(await webhooks.Database.ReadAsync<bool>(
            $"SELECT previous_secret_until = updated_at + interval '24 hours' FROM webhook_endpoints WHERE id = '{id}'"));

        var third = (await webhooks.PostAsync($"{Path}/{id}/rotate-secret", "{}")).Json.Text("secret");
        Assert.Equal((third, second), await SecretsAsync(id));
        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_gets_the_same_secret_and_makes_nothing()
    {
        const string Body = """{"url":"https://repeat.example","event_types":["charge.failed","charge.succeeded"]}""";
        var first = await webhooks.PostAsync(Path, Body, ("Idempotency-Key", "repeat"), WebhookService.Admin);
        const string Reordered = """{"event_types":["charge.succeeded","charge.failed"],"url":"https://repeat.example"}""";
        var again = await webhooks.PostAsync(Path, Reordered, ("Idempotency-Key", "repeat"), WebhookService.Admin);

        Assert.Equal(
            (201, first.Body, "true", first.Headers["Location"]),
            (again.Status, again.Body, again.Headers["Idempotency-Replayed"], again.Headers["Location"]));
        Assert.Equal(1, await webhooks.Database.ReadAsync<long>("SELECT count(*) FROM webhook_endpoints WHERE url = 'https://repeat.example'"));
        (await webhooks.PostAsync(Path, """{"url":"https://other.example"}""", ("Idempotency-Key", "repeat"), WebhookService.Admin))
            .IsProblem(422, "idempotency_key_reused");

        var rotate = $"{Path}/{first.Json.Id()}/rotate-secret";
        var rotated = await webhooks.PostAsync(rotate, null, ("Idempotency-Key", "repeat"), WebhookService.Admin);
        Assert.Equal(rotated.Body, (await webhooks.PostAsync(rotate, null, ("Idempotency-Key", "repeat"), WebhookService.Admin)).Body);
        Assert.Equal((rotated.Json.Text("secret"), first.Json.Text("secret")), await SecretsAsync(first.Json.Id()));
    }

    [Fact]
    public async Task A_repeat_by_another_link_of_the_customer_does_not_show_the_secret()
    {
        var customer = webhooks.NewCustomer();
        var (link, key) = (await webhooks.LinkAsync(customer), ("Idempotency-Key", "by-link"));
        var first = await webhooks.PostAsync(Path, """{"url":"https://link.example"}""", key, link);
        Assert.Equal(first.Body, (await webhooks.PostAsync(Path, """{"url":"https://link.example"}""", key, link)).Body);

        // Another customer's key of the same name is another key.
        Assert.Equal(201, (await webhooks.PostAsync(Path, """{"url":"https://link.example"}""", key, await webhooks.LinkAsync(webhooks.NewCustomer()))).Status);
        var longer = await webhooks.PostAsync("/webhooks/portal-links", $$"""{"customer_id":"{{customer}}","expires_in":7200}""", WebhookService.Admin);
        (await webhooks.PostAsync(
            Path, """{"url":"https://link.example"}""", key, ("Authorization", $"Bearer {longer.Json.Text("url").Split("?token=")[1]}")))
            .IsProblem(409, "idempotency_reply_sealed");
    }

    /// <summary>As another service reads them, with the keys that are in the database: the current and the previous one.</summary>
    private async Task<(string Current, string Previous)> SecretsAsync(string id)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:webhooks", webhooks.Database.ConnectionString)]);
        builder.AddWebhooksDatabase();
        builder.AddWebhooksContext();
        builder.AddEndpointSecrets(isMaker: false);
        using var other = builder.Build();
        var secrets = other.Services.GetRequiredService<EndpointSecrets>();
        var columns = await webhooks.Database.ReadAsync<string[]>($"SELECT ARRAY[secret, previous_secret] FROM webhook_endpoints WHERE id = '{id}'");
        return (secrets.Unprotect(columns[0]).Reveal(), secrets.Unprotect(columns[1]).Reveal());
    }
}
