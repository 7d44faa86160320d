using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;

namespace Ingest.Api.Tests;

public sealed class ServicesTests(Servers servers)
{
    /// <summary>
    /// Of two that are registered for one type, the last stands in for both: charges, whose callers wait, were once sent by the producer that gathers records
    /// for 50 ms, since dead letters had registered it under the other's type.
    /// </summary>
    [Fact]
    public async Task No_service_and_no_producer_stands_in_for_another()
    {
        ServiceDescriptor[] registered = [];
        var database = new Database(await servers.CreateDatabaseAsync());
        await using var service = IngestService.Start(database, database.ConnectionString, servers.Broker, services => registered = [.. services]);

        var assemblies = new[] { typeof(Program).Assembly, typeof(Handle).Assembly };
        var ours = registered.Select(one => one.ServiceType).Where(type => assemblies.Contains(type.Assembly));

        Assert.Contains(typeof(IProducer<byte[], byte[]>), ours);
        Assert.Empty(ours.GroupBy(type => type).Where(type => type.Count() > 1).Select(type => $"{type.Key}"));
    }
}
