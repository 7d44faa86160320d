using System.Globalization;
using System.Net.Mime;
using Microsoft.Net.Http.Headers;
using Portal.Web.Api;

namespace Portal.Web.Csv;

/// <summary>A column: its name in the first row, and a row's cell in it.</summary>
internal sealed record CsvColumn<TRow>(string Name, Func<TRow, string?> CellOf);

/// <summary>
/// A list of the API as a CSV file: it is read page by page and each page is sent before the next is read, so that a file of any length takes the memory of
/// one page.
/// </summary>
/// <param name="FileName">The name under which a browser saves it.</param>
/// <param name="Columns">The columns.</param>
/// <param name="ReadAsync">Reads the page with this cursor; null is the first page's.</param>
/// <param name="RowsOf">A page's rows.</param>
/// <param name="CursorOf">The cursor of the page after it; null on the last.</param>
internal sealed record CsvFile<TPage, TRow>(
    string FileName, IReadOnlyList<CsvColumn<TRow>> Columns, Func<string?, CancellationToken, Task<ApiResult<TPage>>> ReadAsync,
    Func<TPage, IReadOnlyList<TRow>> RowsOf, Func<TPage, string?> CursorOf) : IResult
{
    /// <summary>A rate limit of a minute and some tries; then the file ends.</summary>
    private const int MaxTries = 4;

    /// <summary>Above any limit's Retry-After (a minute).</summary>
    private const int MaxWaitSeconds = 90;

    /// <summary>
    /// Sends the file. When its first page cannot be read, the answer says why instead. When a later one cannot, the connection is cut: what was received is
    /// then a download that failed, never a file that ends too early and looks whole.
    /// </summary>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var ended = httpContext.RequestAborted;
        var page = await ReadAsync(null, ended);
        if (page.Problem is { } problem)
        {
            await RefuseAsync(httpContext, problem);
            return;
        }

        Describe(httpContext.Response);
        await using var csv = new CsvWriter(httpContext.Response.Body);
        await csv.WriteRowAsync(Columns.Select(column => column.Name), ended);
        while (page.Value is { } value)
        {
            foreach (var row in RowsOf(value)) await csv.WriteRowAsync(Columns.Select(column => column.CellOf(row)), ended);
            await csv.FlushAsync(ended);
            if (CursorOf(value) is not { } cursor) return;
            page = await ReadPatientlyAsync(cursor, httpContext);
        }

        httpContext.Abort();
    }

    private void Describe(HttpResponse response)
    {
        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue(DispositionTypeNames.Attachment) { FileName = FileName }.ToString();
    }

    // The reader's own rate limit may be lower than a long file needs: it takes longer then.
    private async Task<ApiResult<TPage>> ReadPatientlyAsync(string cursor, HttpContext context)
    {
        var clock = context.RequestServices.GetRequiredService<TimeProvider>();
        for (var tries = 1; ; tries++)
        {
            var page = await ReadAsync(cursor, context.RequestAborted);
            if (page.Problem?.RetryAfter is not { } seconds || seconds > MaxWaitSeconds || tries == MaxTries) return page;
            await Task.Delay(TimeSpan.FromSeconds(seconds), clock, context.RequestAborted);
        }
    }

    private static Task RefuseAsync(HttpContext context, ApiProblem problem)
    {
        context.Response.StatusCode = problem.Status == 0 ? StatusCodes.Status503ServiceUnavailable : problem.Status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        if (problem.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return context.Response.WriteAsync(problem.Detail, context.RequestAborted);
    }
}
