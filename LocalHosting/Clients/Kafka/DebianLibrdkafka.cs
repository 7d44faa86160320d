using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LocalHosting.Clients.Kafka;

/// <summary>
/// Leads Confluent.Kafka to Debian's librdkafka.so.1, as its own librdkafka.redist is not used here.
/// Compiled into every program that names Confluent.Kafka itself, too (Directory.Build.targets): that may call it before it calls us.
/// </summary>
file static class DebianLibrdkafka
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries",
        Justification = "The resolver must stand before Confluent.Kafka's first native call, and no service has a line in which to call us: its code is the same with Aspire's own package, which needs none.")]
    internal static void Register()
    {
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(Confluent.Kafka.Library).Assembly, static (name, _, _) =>
                name == "librdkafka" && NativeLibrary.TryLoad("librdkafka.so.1", out var library) ? library : 0);
        }
        catch (InvalidOperationException)
        {
            // Another assembly of this program was first; an assembly takes one resolver.
        }
    }
}
