using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Data.Tests;

/// <summary>What a service that registers its database as all do tells a trace.</summary>
public sealed class StatementSpanTests : IDisposable
{
    private readonly ConcurrentBag<Activity> _spans = [];
    private readonly ActivityListener _listener;
    private readonly IHost _service;

    public StatementSpanTests(Database database)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Npgsql" or nameof(StatementSpanTests),
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = _spans.Add,
        };
        ActivitySource.AddActivityListener(_listener);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:webhooks", $"{database.ConnectionString};Pooling=false")]);
        builder.AddWebhooksDatabase();
        _service = builder.Build();
    }

    public void Dispose()
    {
        _service.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public async Task A_statement_is_a_span_below_what_it_is_part_of()
    {
        using var source = new ActivitySource(nameof(StatementSpanTests));
        using var request = source.StartActivity("request")!;
        await AskAsync("SELECT 'part of a request'");

        var span = Assert.Single(Spans("SELECT 'part of a request'"));
        Assert.Equal((request.TraceId, request.SpanId), (span.TraceId, span.ParentSpanId));
    }

    [Fact]
    public async Task A_statement_that_is_part_of_nothing_is_no_trace()
    {
        Assert.Null(Activity.Current);
        await AskAsync("SELECT 'a heartbeat'");
        await using var batch = Source.CreateBatch();
        batch.BatchCommands.Add(new("SELECT 'a batch by itself'"));
        await batch.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        Assert.Empty(Spans("SELECT 'a heartbeat'"));
        Assert.Empty(Spans("SELECT 'a batch by itself'"));
    }

    private NpgsqlDataSource Source => _service.Services.GetRequiredService<NpgsqlDataSource>();

    private async Task AskAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    // Sources are the process's, so what other tests ask comes here as well.
    private List<Activity> Spans(string sql) => [.. _spans.Where(span => Equals(span.GetTagItem("db.query.text"), sql))];
}
