using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Support.Api;

namespace AppHost.Tests.Api;

/// <summary>What a request was answered.</summary>
internal sealed record Answer(int Status, JsonNode? Body, HttpResponseHeaders Headers);

/// <summary>
/// Calls operations by their ids, and compares request and answer with what the document says of both. What differs is collected, so that one run shows all of
/// it; only a call that should have succeeded ends the run, since the next ones build on its answer.
/// </summary>
internal sealed partial class Caller(HttpClient client, ApiDocument document, CancellationToken stop)
{
    private static readonly string[] Told =
        ["Retry-After", "Location", "Idempotency-Replayed", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "WWW-Authenticate"];

    public ConcurrentQueue<string> Differences { get; } = new();

    /// <summary><c>operationId status</c> of every answer that the document knows.</summary>
    public ConcurrentDictionary<string, bool> Seen { get; } = new();

    /// <summary>Calls an operation, which must be answered with this status.</summary>
    /// <param name="status">The status that is due.</param>
    /// <param name="id">The operationId.</param>
    /// <param name="target">The values of the path's parameters, then perhaps a query, separated by spaces.</param>
    /// <param name="body">The JSON that is sent.</param>
    /// <param name="key">Sent as X-API-Key.</param>
    /// <param name="idempotencyKey">Sent as Idempotency-Key.</param>
    /// <param name="signature">Sent as Stripe-Signature.</param>
    public async Task<Answer> CallAsync(
        int status, string id, string target = "", JsonNode? body = null, string? key = null, string? idempotencyKey = null, string? signature = null)
    {
        var operation = document[id];
        var json = body?.ToJsonString();
        if (body is not null) CompareRequest(operation, body, status);
        return await SendAsync(status, operation, target, json is null ? null : Content(json), key, idempotencyKey, signature);
    }

    /// <summary>Calls an operation with a body that is no JSON, too large, or of another type: 400, 413, 415.</summary>
    public async Task CallWithUnreadableBodiesAsync(string id, string target = "", string? key = null, string? idempotencyKey = null, string? signature = null)
    {
        await SendAsync(400, document[id], target, Content("{\"half\":"), key, idempotencyKey, signature);
        await SendAsync(413, document[id], target, Content($$"""{"long":"{{new string('x', 70_000)}}"}"""), key, idempotencyKey);
        await SendAsync(415, document[id], target, new StringContent("{}", Encoding.UTF8, "text/plain"), key, idempotencyKey);
    }

    private static StringContent Content(string json) => new(json, Encoding.UTF8, "application/json");

    private async Task<Answer> SendAsync(
        int status, ApiOperation operation, string target, HttpContent? content, string? key, string? idempotencyKey, string? signature = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method), UrlOf(operation, target)) { Content = content };
        if (key is not null) request.Headers.Add("X-API-Key", key);
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        if (signature is not null) request.Headers.Add("Stripe-Signature", signature);
        using var response = await client.SendAsync(request, stop);
        var text = await response.Content.ReadAsStringAsync(stop);
        var what = $"{operation.Id} {(int)response.StatusCode}";
        if ((int)response.StatusCode != status) Differences.Enqueue($"{what}: {status} was due for {request.RequestUri}; {text}");
        if (text.Contains("\\u00", StringComparison.Ordinal)) Differences.Enqueue($"{what} escapes text that need not be: {text}");
        var answer = new Answer(
            (int)response.StatusCode, text.Length > 0 && response.Content.Headers.ContentType is not null ? JsonNode.Parse(text) : null, response.Headers);
        CompareAnswer(operation, what, answer, response.Content.Headers.ContentType?.MediaType);
        if (status < 300) Assert.True(answer.Status == status, string.Join('\n', Differences));
        return answer;
    }

    private static string UrlOf(ApiOperation operation, string target)
    {
        var values = new Queue<string>(target.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var path = PathParameter().Replace(operation.Path, _ => values.Dequeue());
        return path + string.Concat(values);
    }

    /// <summary>A body that is taken must be right by the schema. One that the schema refuses must be refused.</summary>
    private void CompareRequest(ApiOperation operation, JsonNode body, int status)
    {
        var faults = document.Faults(operation.BodySchema!, body, isClosed: false);
        if (status < 300 && faults.Count > 0)
            Differences.Enqueue($"{operation.Id} takes what its schema refuses: {body.ToJsonString()}: {string.Join("; ", faults)}");
        if (status is 422 && faults.Count == 0) Differences.Enqueue($"{operation.Id} refuses what its schema takes: {body.ToJsonString()}");
    }

    private void CompareAnswer(ApiOperation operation, string what, Answer answer, string? mediaType)
    {
        if (operation.Responses.FirstOrDefault(response => response.Key == answer.Status.ToString(CultureInfo.InvariantCulture)).Value is not { } said)
        {
            Differences.Enqueue($"{what} is not in the document.");
            return;
        }

        Seen[what] = true;
        CompareHeaders(said["headers"]?.AsObject() ?? [], what, answer.Headers);
        if (said["content"]?.AsObject() is not { } content)
        {
            if (answer.Body is not null) Differences.Enqueue($"{what} has a body, which the document does not say.");
            return;
        }

        if (mediaType is null || content[mediaType]?["schema"] is not { } schema)
            Differences.Enqueue($"{what} is {mediaType}, which the document does not say.");
        else foreach (var fault in document.Faults(schema, answer.Body, isClosed: true)) Differences.Enqueue($"{what}{fault}; {answer.Body?.ToJsonString()}");
        foreach (var time in Times(answer.Body).Where(time => !time.EndsWith('Z'))) Differences.Enqueue($"{what}: the time {time} is without Z.");
    }

    private void CompareHeaders(JsonObject said, string what, HttpResponseHeaders sent)
    {
        foreach (var name in Told.Where(name => sent.Contains(name) && !said.ContainsKey(name)))
            Differences.Enqueue($"{what} has {name}, which the document does not say.");
        foreach (var (name, header) in said)
        {
            var description = document.Resolve(header!);
            var isThere = sent.TryGetValues(name, out var values);
            if (!isThere
                && (description["required"]?.GetValue<bool>() == true || name == "Retry-After" || name.StartsWith("X-RateLimit-", StringComparison.Ordinal)))
            {
                Differences.Enqueue($"{what} has no {name}.");
            }

            foreach (var value in values ?? [])
            {
                var isNumber = description["schema"]!["type"]!.GetValue<string>() == "integer";
                JsonNode? node = isNumber && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : value;
                foreach (var fault in document.Faults(description["schema"]!, node, isClosed: true)) Differences.Enqueue($"{what}: {name}: {value}{fault}");
            }
        }
    }

    private static IEnumerable<string> Times(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Times(member.Value)),
        JsonArray items => items.SelectMany(Times),
        JsonValue value when value.TryGetValue<string>(out var text) && Time().IsMatch(text) => [text],
        _ => [],
    };

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex PathParameter();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")]
    private static partial Regex Time();
}
