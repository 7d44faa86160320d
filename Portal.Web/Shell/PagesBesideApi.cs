using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Net.Http.Headers;

namespace Portal.Web.Shell;

/// <summary>
/// Some paths are a page's and the API's, such as <c>/admin/workers</c>: a browser, which accepts HTML, gets the page, everybody else what the API answers.
/// </summary>
internal sealed class PagesBesideApi : MatcherPolicy, IEndpointSelectorPolicy
{
    /// <summary>After the policies of methods and hosts.</summary>
    public override int Order => 1000;

    /// <summary>Whether the caller names HTML, as browsers do and programs do not, and no JSON that it likes as much.</summary>
    public static bool PrefersPages(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        return QualityOf(accepted, "text/html") is > 0 and var html && html > QualityOf(accepted, "application/json");
    }

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(IsPage) && !endpoints.All(IsPage);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        var prefersPages = PrefersPages(httpContext.Request);
        var valid = Enumerable.Range(0, candidates.Count).Where(candidates.IsValidCandidate).ToArray();
        var pages = valid.Count(i => IsPage(candidates[i].Endpoint));
        if (pages == 0 || pages == valid.Length) return Task.CompletedTask; // The method or a constraint has decided.
        foreach (var i in valid)
            if (IsPage(candidates[i].Endpoint) != prefersPages) candidates.SetValidity(i, false);
        return Task.CompletedTask;
    }

    private static bool IsPage(Endpoint endpoint) => endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;

    private static double QualityOf(IEnumerable<MediaTypeHeaderValue> accepted, string mediaType) =>
        accepted.Where(type => type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase)).Select(type => type.Quality ?? 1).DefaultIfEmpty().Max();
}
