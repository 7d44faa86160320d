using System.Text.Json.Serialization;
using Contracts;
using Data.Installments;
using Ingest.Api.Database;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;

namespace Ingest.Api.Installments;

/// <summary>Installment orders: routes, settings and JSON.</summary>
internal static class InstallmentsFeature
{
    public static void AddInstallments(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<InstallmentOptions>().BindConfiguration(InstallmentOptions.Section)
            .Validate(o => o.Dunning is not { Length: > Data.Installments.Dunning.MaxRetries } && o.DunningDays.All(days => days is >= 0 and <= 90),
                "Installments__Dunning__n must be at most 10 whole numbers of days, each from 0 to 90, such as Installments__Dunning__0=1.")
            .ValidateOnStart();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, InstallmentsJson.Wire));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, InstallmentJson.Wire));
    }

    public static void MapInstallments(this WebApplication app)
    {
        var group = app.MapGroup("/installments").WithTags("Installments").RequireApiKey(app.Services).MayNeedKey().TriesTwice();
        group.MapCreateOrder();
        group.MapActivateOrder();
        group.MapCancelOrder();
        group.MapProcessInstallment();
    }
}

/// <summary>What orders get that say nothing of it. Section <c>Installments</c>.</summary>
internal sealed class InstallmentOptions
{
    public const string Section = "Installments";

    /// <summary>Days after each soft failure until the next attempt; null for 1, 3 and 5. It is copied into each new order.</summary>
    public int[]? Dunning { get; set; }

    /// <summary>The days that count.</summary>
    public int[] DunningDays => Dunning ?? [.. Data.Installments.Dunning.DefaultDays];
}

/// <summary>Source-generated JSON of bodies and answers; snake_case.</summary>
[JsonSerializable(typeof(OrderBody))]
[JsonSerializable(typeof(ChangedOrderReply))]
[JsonSerializable(typeof(ProcessedInstallmentReply))]
internal sealed partial class InstallmentsJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static InstallmentsJson Wire { get; } = new(WireJson.Options());
}
