using System.Diagnostics;
using System.Net.Http.Json;

/// <summary>What a person can do to the running system from the dashboard: entries in the menus of its resources.</summary>
internal static class Commands
{
    private static readonly (string Name, string Text)[] Behaviours =
    [
        ("normal", "normal"), ("slow", "slow, ten times as long"), ("duplicate_callback", "every callback three times"),
        ("late_callback", "callbacks ten times as late"), ("contradicting_callback", "contradicting callbacks"),
        ("refuses", "refuses every transfer (422)"), ("down", "down (503)"),
    ];

    private static readonly (string Name, string Text)[] StripeBehaviours =
    [
        ("normal", "normal"), ("slow", "slow, 3 s"), ("commit_then_hang", "does it and never answers"), ("commit_then_500", "does it and answers 500 once"),
        ("commit_then_500_replayed", "does it and answers 500, again and again"), ("commit_then_reset", "does it and resets the connection"),
        ("rate_limited", "rate limited (429)"), ("bad_gateway", "bad gateway (502, HTML)"), ("down", "down (503)"), ("late_success", "results come 3 s later"),
    ];

    private static readonly (string Name, string Text)[] InboxBehaviours =
    [
        ("normal", "normal"), ("slow", "slow, 5 s"), ("fail", "fails (500)"), ("gone", "gone (410)"), ("too_many", "too many (429, Retry-After 30 s)"),
        ("unavailable", "unavailable (503, Retry-After 30 s)"), ("huge", "an answer of 1 GiB"), ("drip", "one byte a second"),
        ("close", "resets the connection"), ("redirect", "redirects (302)"), ("disable", "webhook-delivery: disable"),
    ];

    /// <summary>Runs <c>Processor.Worker --check-ledger</c> and shows what it finds.</summary>
    public static void WithLedgerCheck(this IResourceBuilder<PostgresServerResource> postgres, PostgresDatabaseResource database, ProjectResource worker) =>
        postgres.WithCommand("check-ledger", "Check the ledger", async context =>
        {
            var stop = context.CancellationToken;
            var program = worker.Annotations.OfType<ExecutableAnnotation>().Last();
            var start = new ProcessStartInfo(program.Command, "--check-ledger")
            {
                WorkingDirectory = program.WorkingDirectory,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["ConnectionStrings__webhooks"] = await database.ConnectionStringExpression.GetValueAsync(stop);
            using var check = Process.Start(start)!;
            var (output, errors) = (check.StandardOutput.ReadToEndAsync(stop), check.StandardError.ReadToEndAsync(stop));
            await check.WaitForExitAsync(stop);
            var found = $"{await output}{await errors}".Trim();
            return check.ExitCode == 0
                ? CommandResults.Success(found.Split('\n')[^1], found)
                : CommandResults.Failure("The ledger does not add up, or could not be read.", found);
        }, new()
        {
            IconName = "Checkmark",
            Description = "Recomputes every balance from its entries, and compares payments, charges and refunds with their transfers.",
        });

    /// <summary>Sends the dead letters of each topic again, as they were.</summary>
    public static void WithRedrive(this IResourceBuilder<ProjectResource> worker, IResourceBuilder<ProjectResource> ingest, ParameterResource adminKey)
    {
        foreach (var topic in (string[])["transactions", "payments", "charges", "deliveries"])
        {
            var title = $"Redrive dead letters of {topic}";
            worker.WithHttpCommand("/admin/dead-letters/redrive", title, () => ingest.GetEndpoint("http"), $"redrive-{topic}", new()
            {
                IconName = "ArrowRepeatAll",
                Description = "Sends all of them again as they were; those that cannot be sent stay.",
                ResultMode = HttpCommandResultMode.Json,
                PrepareRequest = async context =>
                {
                    context.Request.Headers.Add("X-API-Key", await adminKey.GetValueAsync(context.CancellationToken));
                    context.Request.Content = JsonContent.Create(new { topic });
                },
            });
        }
    }

    /// <summary>Tells the bank how to behave; docs/sandbox.md has a paragraph on each.</summary>
    public static IResourceBuilder<ProjectResource> WithBankBehaviours(this IResourceBuilder<ProjectResource> sandbox) =>
        sandbox.WithBehaviours("Bank", "/behaviour", "BuildingBank", Behaviours);

    /// <summary>Tells Stripe how to behave; docs/sandbox-stripe.md has a paragraph on each.</summary>
    public static IResourceBuilder<ProjectResource> WithStripeBehaviours(this IResourceBuilder<ProjectResource> sandbox) =>
        sandbox.WithBehaviours("Stripe", "/stripe/behaviour", "Payment", StripeBehaviours);

    /// <summary>Tells the inbox called default how to answer webhooks; docs/sandbox.md has a line on each.</summary>
    public static IResourceBuilder<ProjectResource> WithInboxBehaviours(this IResourceBuilder<ProjectResource> sandbox) =>
        sandbox.WithBehaviours("Inbox", "/sandbox/inbox/default/behaviour", "MailInbox", InboxBehaviours);

    private static IResourceBuilder<ProjectResource> WithBehaviours(
        this IResourceBuilder<ProjectResource> sandbox, string whose, string path, string icon, (string Name, string Text)[] behaviours)
    {
        foreach (var (name, text) in behaviours)
        {
            sandbox.WithHttpCommand(path, $"{whose}: {text}", commandName: $"{whose.ToLowerInvariant()}-{name}", commandOptions: new()
            {
                IconName = icon,
                Method = HttpMethod.Put,
                ResultMode = HttpCommandResultMode.Json,
                PrepareRequest = context =>
                {
                    context.Request.Content = JsonContent.Create(new { behaviour = name });
                    return Task.CompletedTask;
                },
            });
        }

        return sandbox;
    }

    /// <summary>Sends a webhook through the front door, with an id of its own.</summary>
    public static void WithSampleWebhook(this IResourceBuilder<ProjectResource> portal) =>
        portal.WithHttpCommand("/v1/webhooks/transactions", "Send a sample webhook", commandName: "send-webhook", commandOptions: new()
        {
            IconName = "Send",
            IsHighlighted = true,
            Description = "It is processed 30 s later; its trace shows the way.",
            ResultMode = HttpCommandResultMode.Json,
            PrepareRequest = context =>
            {
                context.Request.Content = JsonContent.Create(new
                {
                    transaction_id = $"txn_{Guid.CreateVersion7():N}",
                    source_account = "acc_user_789",
                    destination_account = "acc_merchant_456",
                    amount = 1500,
                    currency = "INR",
                });
                return Task.CompletedTask;
            },
        });
}
