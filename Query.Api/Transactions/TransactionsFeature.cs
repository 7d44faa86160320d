using System.Text.Json.Serialization;
using Contracts;
using Data.Transactions;
using Query.Api.Lists;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Requests;

namespace Query.Api.Transactions;

/// <summary>Registers the reads of transactions: routes and JSON.</summary>
internal static class TransactionsFeature
{
    public const string Path = "/v1/transactions";

    public static WebApplicationBuilder AddTransactions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TransactionLookup>();
        builder.Services.AddFirstEndpoint(GetTransaction.First);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, TransactionJson.Wire));
        return builder;
    }

    public static WebApplication MapTransactions(this WebApplication app)
    {
        var group = app.MapGroup(Path).WithTags("Transactions").RequireApiKey(app.Services).MayNeedKey();
        group.MapGetTransaction();
        group.MapListTransactions();
        return app;
    }
}

/// <summary>Source-generated JSON of the responses; snake_case.</summary>
[JsonSerializable(typeof(TransactionReply[]))]
[JsonSerializable(typeof(CursorPage<TransactionReply>))]
internal sealed partial class TransactionJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static TransactionJson Wire { get; } = new(WireJson.Options());
}
