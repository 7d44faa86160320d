using System.ComponentModel;
using System.Text.Json;
using Ingest.Api.Json;
using ServiceDefaults.Problems;

namespace Ingest.Api.Users;

/// <summary>Who somebody says they are, and the key that is to show it; neither is checked yet.</summary>
internal sealed record LogInRequest(string Email, string ApiKey)
{
    private const string Example = """{"email":"alice@example.com","api_key":"ak_..."}""";

    /// <summary>The body as the documentation shows it.</summary>
    internal sealed record LogInBody(
        [property: Description("The user's e-mail address; username is taken for it too.")] string Email,
        [property: Description("The user's API key; password is taken for it too.")] string ApiKey);

    /// <summary>The request, or the 400, 415 or 422 that says what is wrong with it.</summary>
    public static async Task<(LogInRequest? Request, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonBody.ReadMembersAsync(request, Example, cancellationToken);
        if (problem is not null) return (null, problem);

        var errors = new Dictionary<string, string[]>();
        var email = Take(members, errors, "email", "username");
        var apiKey = Take(members, errors, "api_key", "password");
        return errors.Count > 0 ? (null, Problem.Invalid(errors)) : (new(email, apiKey), null);
    }

    private static string Take(JsonElement members, Dictionary<string, string[]> errors, string name, string otherName)
    {
        var isThere = members.TryGetProperty(name, out var member) || members.TryGetProperty(otherName, out member);
        if (isThere && member.Text() is { Length: > 0 } text) return text;
        errors[name] = [isThere ? $"{name} must be text of 1 character or more" : $"{name} is missing; send it, or {otherName} in its place"];
        return "";
    }
}
