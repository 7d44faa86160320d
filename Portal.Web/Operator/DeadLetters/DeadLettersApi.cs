using System.Text.Json.Nodes;
using Portal.Web.Api;
using Portal.Web.Sessions;
using Portal.Web.Ui;

namespace Portal.Web.Operator.DeadLetters;

/// <summary>The dead letters as the page reads and writes them.</summary>
internal sealed class DeadLettersApi(PortalApi api)
{
    private const string Path = "/admin/dead-letters";

    /// <summary>What there is, by topic and reason.</summary>
    public Task<ApiResult<ReasonList>> ReasonsAsync() => api.GetAsync(Area.Operator, $"{Path}/reasons", DeadLetterJson.Default.ReasonList);

    /// <summary>A page of them, newest first.</summary>
    public Task<ApiResult<LetterPage>> ListAsync(string? topic, string? reason, string? cursor) => api.GetAsync(
        Area.Operator, Query.Of(Path, ("topic", topic), ("reason", reason), ("cursor", cursor), ("limit", "20")), DeadLetterJson.Default.LetterPage);

    /// <summary>Sends one again, as it was repaired where it was; null, or what went wrong.</summary>
    public async Task<ApiProblem?> RedriveAsync(long id, LetterRepair? repair = null) =>
        (await api.SendAsync(Area.Operator, HttpMethod.Post, $"{Path}/{id}/redrive", repair?.ToBody(), ApiJson.Default.JsonElement)).Problem;

    /// <summary>Deletes one; null, or what went wrong.</summary>
    public async Task<ApiProblem?> DeleteAsync(long id) =>
        (await api.SendAsync(Area.Operator, HttpMethod.Delete, $"{Path}/{id}", body: null, ApiJson.Default.JsonElement)).Problem;

    /// <summary>Redrives or deletes all of a topic, or counts them.</summary>
    public Task<ApiResult<BulkAnswer>> BulkAsync(string topic, string? reason, bool isDelete, bool isDryRun)
    {
        var body = new JsonObject { ["topic"] = topic };
        if (reason is not null) body["reason"] = reason;
        if (isDryRun) body["dry_run"] = true;
        return api.SendAsync(Area.Operator, HttpMethod.Post, $"{Path}/{(isDelete ? "delete" : "redrive")}", body, DeadLetterJson.Default.BulkAnswer);
    }

    /// <summary>What was done, as a person reads it.</summary>
    public static string InWords(BulkAnswer answer)
    {
        var text = answer.Deleted is { } deleted ? $"{Numbers.Count(deleted)} deleted." : $"{Numbers.Count(answer.Redriven ?? 0)} sent again.";
        if (answer.Skipped is > 0) text += $" {Numbers.Count(answer.Skipped.Value)} could not be sent and stay: they have no body, or are too large.";
        if (answer.Refused is > 0) text += $" {Numbers.Count(answer.Refused.Value)} payments cannot be opened again and stay; redriving one alone says why.";
        return answer.HasMore ? text + " The time was over before all were looked at: do it again for the others." : text;
    }
}
