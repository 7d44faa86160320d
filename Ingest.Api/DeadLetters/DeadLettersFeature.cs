using System.Text.Json.Serialization;
using Ingest.Api.Database;
using ServiceDefaults.Authentication;

namespace Ingest.Api.DeadLetters;

/// <summary>Dead letters, for administrators: routes, services and JSON.</summary>
internal static class DeadLettersFeature
{
    public static void AddDeadLetters(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RedriveRecords>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, DeadLetterJson.Default));
    }

    public static void MapDeadLetters(this WebApplication app)
    {
        var group = app.MapGroup("/admin/dead-letters").WithTags("Dead letters").RequireAdminKey().TriesTwice();
        group.MapRedriveDeadLetter();
        group.MapRedriveDeadLetters();
        group.MapDeleteDeadLetter();
        group.MapDeleteDeadLetters();
    }
}

/// <summary>Source-generated JSON of the answers.</summary>
[JsonSerializable(typeof(RedrivenReply))]
[JsonSerializable(typeof(RedrivenAllReply))]
[JsonSerializable(typeof(DeletedAllReply))]
internal sealed partial class DeadLetterJson : JsonSerializerContext;
