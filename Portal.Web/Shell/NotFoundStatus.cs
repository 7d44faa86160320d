namespace Portal.Web.Shell;

/// <summary>A page about something that is not there.</summary>
internal static class NotFoundStatus
{
    /// <summary>
    /// Gives the page status 404 as the response begins: one whose status is 404 while it is rendered is thrown away by the framework, for another to be
    /// rendered in its place.
    /// </summary>
    public static void AnswerNotFound(this HttpContext context) => context.Response.OnStarting(() =>
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });
}
