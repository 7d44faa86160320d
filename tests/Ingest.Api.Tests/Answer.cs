using System.Text.Json;

namespace Ingest.Api.Tests;

/// <summary>What a caller gets.</summary>
internal sealed record Answer(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>Words that no caller is to read: parts of stack traces, SQL, names of machines.</summary>
    private static readonly string[] Internals =
    [
        "Exception", "   at ", "System.", "Microsoft.", "Npgsql", "Confluent", "SELECT", "INSERT",
        "127.0.0.1", "localhost", "transactions_", "Password", ".cs",
    ];

    public JsonElement Json => JsonElement.Parse(Body);

    /// <summary>It is the 202 of the contract, to the letter.</summary>
    public void IsAccepted(string id, bool duplicate = false)
    {
        Assert.Equal((202, $$"""{"status":"accepted","transaction_id":"{{id}}","duplicate":{{(duplicate ? "true" : "false")}}}"""), (Status, Body));
        Assert.Equal("application/json", Headers["Content-Type"]);
    }

    /// <summary>It is a whole problem (RFC 9457) that gives nothing away.</summary>
    public JsonElement IsProblem(int status, string error)
    {
        Assert.Equal(status, Status);
        Assert.Equal("application/problem+json", Headers["Content-Type"]);
        var problem = Json;
        Assert.Equal((status, error), (problem.GetProperty("status").GetInt32(), problem.GetProperty("error").GetString()));
        foreach (var member in (string[])["type", "title", "detail", "trace_id"]) Assert.NotEmpty(problem.GetProperty(member).GetString()!);
        foreach (var word in Internals) Assert.DoesNotContain(word, Body, StringComparison.Ordinal);
        Assert.NotEmpty(Headers["X-Request-ID"]);
        Assert.DoesNotContain("Server", Headers.Keys);
        return problem;
    }

    /// <summary>It is a 503 that says when to come again.</summary>
    public void IsUnavailable()
    {
        var problem = IsProblem(503, "unavailable");
        Assert.Equal(Headers["Retry-After"], problem.GetProperty("retry_after").GetRawText());
        Assert.True(problem.GetProperty("retry_after").GetInt32() > 0);
    }
}
