using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Sandbox.Requests;

namespace Sandbox.Bank;

/// <summary>Registers the bank: settings, services, routes and JSON.</summary>
internal static class BankFeature
{
    private const string Ingest = "services:ingest-api:http:0";
    private const string Secret = "WEBHOOK_SECRET";

    /// <param name="builder">The service.</param>
    /// <param name="chance">Creates the source of random numbers from the configured seed.</param>
    public static void AddBank(this WebApplicationBuilder builder, Func<int?, Random> chance)
    {
        builder.Services.AddOptions<BankOptions>().BindConfiguration(BankOptions.Section)
            .PostConfigure<IConfiguration>((bank, configuration) =>
            {
                bank.Secret = configuration[Secret] ?? "";
                bank.CallbackUrl ??= Uri.TryCreate(configuration[Ingest], UriKind.Absolute, out var ingest) ? ingest : null;
            })
            .Validate(bank => bank.Secret != "", $"{Secret} is missing: callbacks are signed with it. Set it to what Ingest.Api has as {Secret}.")
            .Validate(bank => bank.CallbackUrl is { IsAbsoluteUri: true, Scheme: "http" or "https" },
                "Bank__CallbackUrl must be the address that callbacks go to, such as http://localhost:8000. The AppHost makes it unnecessary.")
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<BankOptions>, BehaviourCheck>();
        builder.Services.AddSingleton(services => new CurrentBehaviour<BankBehaviour>(services.GetRequiredService<IOptions<BankOptions>>().Value.AtStart));
        builder.Services.AddSingleton(services => new Books(chance(services.GetRequiredService<IOptions<BankOptions>>().Value.Seed)));
        builder.Services.AddSingleton<SendCallback>();
        builder.Services.AddHostedService<CarryOutTransfers>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, BankJson.Default));
    }

    public static void MapBank(this WebApplication app)
    {
        app.MapTransfers();
        app.MapBehaviour();
    }

    /// <summary>Reports faults by the name of the setting instead of the JSON member: Bank__SuccessRate for success_rate.</summary>
    private sealed class BehaviourCheck : IValidateOptions<BankOptions>
    {
        public ValidateOptionsResult Validate(string? name, BankOptions options)
        {
            var faults = options.AtStart.Faults().Select(fault => $"{SettingName.Of(BankOptions.Section, fault.Field)} {fault.Message}").ToArray();
            return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}

/// <summary>Source-generated JSON of requests and responses; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TransferRequest))]
[JsonSerializable(typeof(TransferTaken))]
[JsonSerializable(typeof(TransferReply))]
[JsonSerializable(typeof(BankBehaviour))]
[JsonSerializable(typeof(BehaviourChange))]
internal sealed partial class BankJson : JsonSerializerContext;

/// <summary>How the bank behaves when it starts, and where its callbacks go. Section <c>Bank</c>.</summary>
internal sealed class BankOptions
{
    public const string Section = "Bank";

    /// <summary>One of <see cref="Bank.BehaviourName.All"/>.</summary>
    public string Behaviour { get; set; } = Bank.BehaviourName.Normal;

    /// <summary>The part of the transfers that succeeds, 0 to 1.</summary>
    public double SuccessRate { get; set; } = 0.9;

    /// <summary>The shortest time that a transfer takes.</summary>
    public TimeSpan MinDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest time that a transfer takes.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Makes the random results repeatable: the same transfers in the same order get the same results. Null for other results in every run.</summary>
    public int? Seed { get; set; }

    /// <summary>The base address of callbacks for transfers that name none. Null for <c>services__ingest-api__http__0</c>, which the AppHost sets.</summary>
    public Uri? CallbackUrl { get; set; }

    /// <summary>The secret that signs callbacks: the environment variable <c>WEBHOOK_SECRET</c>, not by configuration of this section.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The behaviour at the start.</summary>
    public BankBehaviour AtStart => new(Behaviour, SuccessRate, MinDelay, MaxDelay);
}
