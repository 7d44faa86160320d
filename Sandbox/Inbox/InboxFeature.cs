using System.Text.Json.Serialization;
using Contracts;
using Microsoft.Extensions.Options;
using Sandbox.Inbox.Receiving;
using Sandbox.Inbox.Showing;
using Sandbox.Requests;

namespace Sandbox.Inbox;

/// <summary>Registers the inbox, which receives webhooks: settings, services, routes and JSON.</summary>
internal static class InboxFeature
{
    /// <param name="builder">The service.</param>
    /// <param name="chance">Creates the source of random numbers from the configured seed.</param>
    public static void AddInbox(this WebApplicationBuilder builder, Func<int?, Random> chance)
    {
        builder.Services.AddOptions<InboxOptions>().BindConfiguration(InboxOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<InboxOptions>, BehaviourCheck>();
        builder.Services.AddSingleton(services =>
        {
            var options = services.GetRequiredService<IOptions<InboxOptions>>().Value;
            return new Inboxes(options.AtStart, options.ReadSecrets()!, new(chance(options.Seed)));
        });
        builder.Services.AddSingleton<ReceiveDelivery>().AddSingleton<AnswerDelivery>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, InboxJson.Wire));
    }

    public static void MapInbox(this WebApplication app)
    {
        app.MapReceiveDelivery();
        app.MapShowInbox();
        app.MapInboxSecrets();
        app.MapInboxBehaviour();
    }

    /// <summary>Reports faults by the name of the setting instead of the JSON member: Inbox__RetryAfter for retry_after.</summary>
    private sealed class BehaviourCheck : IValidateOptions<InboxOptions>
    {
        public ValidateOptionsResult Validate(string? name, InboxOptions options)
        {
            if (options.ReadSecrets() is null) return ValidateOptionsResult.Fail("Inbox__Secrets__n must each be whsec_ and at least 24 bytes in base64.");
            var faults = options.AtStart.Faults().Select(fault => $"{SettingName.Of(InboxOptions.Section, fault.Field)} {fault.Message}").ToArray();
            return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}

/// <summary>Source-generated JSON of answers and switches; snake_case.</summary>
[JsonSerializable(typeof(DeliveryTaken))]
[JsonSerializable(typeof(InboxReply))]
[JsonSerializable(typeof(InboxList))]
[JsonSerializable(typeof(InboxSecrets))]
[JsonSerializable(typeof(InboxSecretsSet))]
[JsonSerializable(typeof(InboxBehaviour))]
[JsonSerializable(typeof(InboxBehaviourChange))]
internal sealed partial class InboxJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static InboxJson Wire { get; } = new(WireJson.Options());
}

/// <summary>How a new inbox behaves. Section <c>Inbox</c>.</summary>
internal sealed class InboxOptions
{
    public const string Section = "Inbox";

    /// <summary>One of <see cref="InboxBehaviourName.All"/>.</summary>
    public string Behaviour { get; set; } = InboxBehaviourName.Normal;

    /// <summary>The HTTP status of <c>fail</c>, 300 to 599.</summary>
    public int Status { get; set; } = StatusCodes.Status500InternalServerError;

    /// <summary>How long slow answers take.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The Retry-After of <c>too_many</c> and <c>unavailable</c>, in seconds.</summary>
    public int RetryAfter { get; set; } = 30;

    /// <summary>The part of the deliveries that the behaviour is done to, 0 to 1.</summary>
    public double Share { get; set; } = 1;

    /// <summary>After how many deliveries the behaviour ends. Null: never.</summary>
    public int? Times { get; set; }

    /// <summary>Makes decisions repeatable: the same deliveries in the same order fare alike. Null for others in every run.</summary>
    public int? Seed { get; set; }

    /// <summary>What deliveries to the inbox <c>default</c> are signed with, each <c>whsec_...</c>; those of the others are told at run time.</summary>
    public string[] Secrets { get; set; } = [];

    /// <summary>The secrets; null when one of them is none.</summary>
    public IReadOnlyList<WebhookSecret>? ReadSecrets()
    {
        WebhookSecret[] read = [.. Secrets.Select(WebhookSecret.Parse).OfType<WebhookSecret>()];
        return read.Length == Secrets.Length ? read : null;
    }

    /// <summary>The behaviour at the start.</summary>
    public InboxBehaviour AtStart => new(Behaviour, Status, Delay, RetryAfter, Share, Times);
}
