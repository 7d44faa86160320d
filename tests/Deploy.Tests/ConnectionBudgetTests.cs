using System.Globalization;
using System.Text.RegularExpressions;

namespace Deploy.Tests;

/// <summary>The table of connections in docs/deployment.md is the chart's, and each pool is as large as its service's options can ask for at a time.</summary>
public sealed partial class ConnectionBudgetTests
{
    [Fact]
    public void The_table_is_that_of_the_chart_and_fits_into_what_PostgreSQL_takes()
    {
        var values = YamlReader.Read(File.ReadAllText(Path.Combine(Published.Folder, "helm/aspire-webhooks/values.yaml")))!;
        var rows = Row().Matches(File.ReadAllText(Path.Combine(Published.Root, "docs/deployment.md")))
            .ToDictionary(match => match.Groups[1].Value, match => (Replicas: Number(match, 2), Pool: Number(match, 3), Connections: Number(match, 4)));
        Assert.Equal(values["services"]!.AsObject().Select(service => service.Key).Order(), rows.Keys.Order());
        foreach (var (name, service) in values["services"]!.AsObject())
        {
            var isScaled = service!["autoscaling"]?["enabled"]?.GetValue<bool>() == true;
            var most = (isScaled ? service["autoscaling"]!["maxReplicas"] : service["replicas"])?.GetValue<long>();
            Assert.Equal(most is null ? 1 : most + 1, rows[name].Replicas); // One more while they are replaced; the migrations run alone.
            Assert.Equal(service["pool"]!.GetValue<long>(), rows[name].Pool);
            Assert.Equal(rows[name].Replicas * rows[name].Pool, rows[name].Connections);
        }

        Assert.True(rows.Values.Sum(row => row.Connections) <= values["database"]!["maxConnections"]!.GetValue<long>() - 3);
    }

    [Theory]
    [InlineData("ingest-api", "Ingest.Api/Transactions/TransactionsFeature.cs#Committers", "Ingest.Api/Idempotency/IdempotencyFeature.cs#MaxConcurrency")]
    [InlineData(
        "processor-worker", "Processor.Worker/Transactions/ProcessingOptions.cs#MaxBatchesInFlight",
        "Processor.Worker/Installments/InstallmentsFeature.cs#MaxConcurrency")]
    public void A_pool_holds_what_the_options_may_ask_for_at_a_time(string service, params string[] options)
    {
        var values = YamlReader.Read(File.ReadAllText(Path.Combine(Published.Folder, "helm/aspire-webhooks/values.yaml")))!;
        Assert.True(options.Sum(DefaultOf) < values["services"]![service]!["pool"]!.GetValue<long>());
    }

    private static long DefaultOf(string option)
    {
        var (file, name) = (option.Split('#')[0], option.Split('#')[1]);
        var found = Regex.Match(File.ReadAllText(Path.Combine(Published.Root, file)), $@"public int {name} {{ get; set; }} = (\d+);");
        Assert.True(found.Success, $"{file} has no default for {name}");
        return long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static long Number(Match row, int group) => long.Parse(row.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\| `([a-z-]+)` \| (\d+) \| (\d+) \| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
