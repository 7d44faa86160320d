using Contracts;
using Data;
using Data.Users;
using Data.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using Npgsql;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Search;

/// <summary>
/// <c>GET /admin/search</c>: everything that has this id, reference, key or name, exactly. Each table that can have it is asked by an index, all in one round
/// trip; what was made under an Idempotency-Key, or belongs to an e-mail address that is not ASCII, takes a second one.
/// </summary>
internal static class SearchEverything
{
    private const int MaxLength = 255;

    public static void MapSearchEverything(this RouteGroupBuilder group)
    {
        group.MapGet("", HandleAsync)
            .WithName("search")
            .WithSummary("What has this id, reference, key or name")
            .WithDescription("Takes any id (a transaction_id, a number, a UUID, evt_...), an Idempotency-Key, a bank's reference, Stripe's id of a charge, a "
                + "customer_id or a user's e-mail address, and answers everything that has exactly that.")
            .Takes(new()
            {
                Name = "q",
                In = ParameterLocation.Query,
                Required = true,
                Description = "What to look for; white space around it makes no difference.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = MaxLength },
            })
            .Answers(StatusCodes.Status200OK, "What has it.")
            .WithResponseExample(StatusCodes.Status200OK, SearchReply.Example)
            .Fails(Problem.Invalid("q", "q is missing; it must be text of 1 to 255 characters"), "q is missing or not acceptable.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable; try again after Retry-After seconds.");
    }

    private static async Task<Results<Ok<SearchReply>, Problem>> HandleAsync(
        HttpRequest request, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var parameters = new QueryParameters(request.Query);
        var text = parameters.Take("q", WantedIn, $"must be text of 1 to {MaxLength} characters");
        if (text is null) parameters.Errors.TryAdd("q", [$"q is missing; it must be text of 1 to {MaxLength} characters"]);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);

        var email = await EmailAddress.NormalizedAsync(database, text!, cancellationToken);
        Lookup[] lookups = [.. LookupsOf(text!, email)];
        await using var batch = database.CreateBatch();
        foreach (var lookup in lookups) batch.BatchCommands.Add(ToCommand(lookup));
        batch.BatchCommands.Add(KeyedReplies.ToCommand(text!));
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        var hits = await ReadHitsAsync(row, lookups, cancellationToken);
        var replies = new List<KeyedReply>();
        while (await row.ReadAsync(cancellationToken)) replies.Add(KeyedReplies.Read(row));
        if (replies.Count > 0) hits.AddRange(await MadeAsync(database, text!, replies, cancellationToken));
        return TypedResults.Ok(new SearchReply(text!, hits));
    }

    /// <summary>All statements that a text calls for, but that of the Idempotency-Keys.</summary>
    internal static IEnumerable<Lookup> LookupsOf(string text, string? email)
    {
        IEnumerable<Lookup> lookups = Lookup.ByText(text);
        if (QueryParameters.LongNumber(text) is { } number) lookups = lookups.Concat(Lookup.ById(number));
        if (UuidOf(text) is { } uuid) lookups = lookups.Concat(Lookup.ById(uuid));
        return email is null ? lookups : lookups.Append(Lookup.ByEmail(email));
    }

    // As people copy them: with or without hyphens, events with evt_.
    private static Guid? UuidOf(string text) =>
        EventBody.ParseId(text) ?? (Guid.TryParseExact(text, "D", out var uuid) || Guid.TryParseExact(text, "N", out uuid) ? uuid : null);

    // White space around it came with the copying. PostgreSQL's text takes no NUL.
    private static string? WantedIn(string text) =>
        text.Trim() is { Length: >= 1 and <= MaxLength } wanted && !wanted.Any(char.IsControl) ? wanted : null;

    private static NpgsqlBatchCommand ToCommand(Lookup lookup) => new(lookup.Sql) { Parameters = { lookup.Value } };

    private static async Task<List<SearchHit>> ReadHitsAsync(NpgsqlDataReader row, IReadOnlyList<Lookup> lookups, CancellationToken cancellationToken)
    {
        var hits = new List<SearchHit>();
        foreach (var lookup in lookups)
        {
            while (await row.ReadAsync(cancellationToken)) hits.Add(HitOf(row, lookup));
            await row.NextResultAsync(cancellationToken);
        }

        return hits;
    }

    /// <summary>What the answers say was made; where they do not, or it is gone, the request itself.</summary>
    private static async Task<List<SearchHit>> MadeAsync(
        NpgsqlDataSource database, string key, IReadOnlyList<KeyedReply> replies, CancellationToken cancellationToken)
    {
        List<SearchHit> hits = [.. replies.Where(reply => reply.Made is null).Select(reply => HitOf(key, reply))];
        KeyedReply[] makers = [.. replies.Where(reply => reply.Made is not null)];
        if (makers.Length == 0) return hits;

        await using var batch = database.CreateBatch();
        foreach (var maker in makers) batch.BatchCommands.Add(ToCommand(maker.Made!));
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (var maker in makers)
        {
            var isThere = await row.ReadAsync(cancellationToken);
            hits.Add(isThere ? HitOf(row, maker.Made!) : HitOf(key, maker));
            await row.NextResultAsync(cancellationToken);
        }

        return hits;
    }

    private static SearchHit HitOf(string key, KeyedReply reply) => new(
        HitKind.IdempotencyKey, key, $"{reply.Route} by {reply.Caller}", $"{reply.Status}", FoundBy.IdempotencyKey, CreatedAt: null, TraceId: null);

    private static SearchHit HitOf(NpgsqlDataReader row, Lookup lookup)
    {
        var (title, currency) = (row.GetString(1), row.TextOrNull(3));
        if (currency is not null) title = row.IsDBNull(2) ? $"{title}, {currency}" : $"{title}, {Currency.Format(row.GetDecimal(2), currency)} {currency}";
        return new(lookup.Kind, row.GetString(0), title, row.TextOrNull(4), lookup.FoundBy, row.GetDateTime(5), TraceIdOf(row.TextOrNull(6)));
    }

    // A W3C traceparent: version, trace, span and flags.
    private static string? TraceIdOf(string? traceParent) => traceParent?.Split('-') is [_, { Length: 32 } trace, ..] ? trace : null;
}
