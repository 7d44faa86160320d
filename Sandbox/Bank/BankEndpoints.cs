using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace Sandbox.Bank;

/// <summary>The room's door: its settings, its services, its routes and its JSON.</summary>
internal static class BankEndpoints
{
    private const string Ingest = "services:ingest-api:http:0";
    private const string Secret = "WEBHOOK_SECRET";
    private const int MaxCallbacksAtATime = 64;

    /// <param name="builder">The service.</param>
    /// <param name="chance">Makes the chance that everything is drawn from, by the seed that is set.</param>
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
        builder.Services.AddSingleton<IValidateOptions<BankOptions>, ConductCheck>();
        builder.Services.AddSingleton(services => new CurrentConduct(services.GetRequiredService<IOptions<BankOptions>>().Value.Conduct));
        builder.Services.AddSingleton(services => new Books(chance(services.GetRequiredService<IOptions<BankOptions>>().Value.Seed)));
        builder.Services.AddHttpClient<SendCallback>(http => http.Timeout = TimeSpan.FromSeconds(10))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                MaxConnectionsPerServer = MaxCallbacksAtATime,
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            });
        builder.Services.AddHostedService<CarryOutTransfers>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, BankJson.Default));
    }

    public static void MapBank(this WebApplication app)
    {
        app.MapTransfers();
        app.MapBehaviour();
    }

    /// <summary>Names the setting where a request would be told the field: success_rate is Bank__SuccessRate.</summary>
    private sealed class ConductCheck : IValidateOptions<BankOptions>
    {
        public ValidateOptionsResult Validate(string? name, BankOptions options)
        {
            var faults = options.Conduct.Faults().Select(fault => $"{SettingOf(fault.Field)} {fault.Message}").ToArray();
            return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }

        private static string SettingOf(string field) =>
            $"{BankOptions.Section}__{string.Concat(field.Split('_').Select(word => $"{char.ToUpperInvariant(word[0])}{word[1..]}"))}";
    }
}

/// <summary>Source-generated JSON of what this room takes and answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TransferRequest))]
[JsonSerializable(typeof(TransferTaken))]
[JsonSerializable(typeof(TransferReply))]
[JsonSerializable(typeof(Conduct))]
[JsonSerializable(typeof(ConductChange))]
internal sealed partial class BankJson : JsonSerializerContext;
