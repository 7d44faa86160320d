using System.Text.Json.Serialization;
using ServiceDefaults.Authentication;

namespace Query.Api.Transactions;

/// <summary>The room's door: its routes and its JSON.</summary>
internal static class TransactionEndpoints
{
    public static WebApplicationBuilder AddTransactions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TransactionLookup>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, TransactionJson.Default));
        return builder;
    }

    public static WebApplication MapTransactions(this WebApplication app)
    {
        var group = app.MapGroup("/v1/transactions").WithTags("Transactions").RequireApiKey(app.Services);
        group.MapGetTransaction();
        group.MapListTransactions();
        return app;
    }
}

/// <summary>Source-generated JSON of what this room answers with; names and numbers by the service's own options.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TransactionReply[]))]
[JsonSerializable(typeof(TransactionPage))]
internal sealed partial class TransactionJson : JsonSerializerContext;
