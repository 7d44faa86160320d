using System.Reflection;

namespace LocalHosting;

/// <summary>The end of an AppHost that cannot start as it was asked to.</summary>
internal static class Refusal
{
    /// <summary>Writes the sentence and ends the program with 1; inside a test, whose program this is not, returns it to be thrown.</summary>
    public static DistributedApplicationException Of(IDistributedApplicationBuilder builder, string message)
    {
        if (Assembly.GetEntryAssembly() == builder.AppHostAssembly)
        {
            Console.Error.WriteLine(message);
            Environment.Exit(1);
        }

        return new(message);
    }
}
