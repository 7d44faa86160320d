using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Starting;

/// <summary>A setting is missing or cannot be used. The message is one sentence that names it and says what to give.</summary>
public sealed class SettingException(string message) : Exception(message);

/// <summary>Ends a program that cannot start because of a setting: with the sentence that says which, and exit code 1, instead of a stack.</summary>
public static class StartFaults
{
    private const int ExitCode = 1;

    /// <summary>Requires <c>ConnectionStrings__webhooks</c>.</summary>
    /// <exception cref="SettingException">There is none.</exception>
    public static void RequireDatabase(this IHostApplicationBuilder builder) =>
        Require(builder, "webhooks", "PostgreSQL's, such as Host=localhost;Database=webhooks;Username=postgres;Password=...");

    /// <summary>Requires <c>ConnectionStrings__broker</c>.</summary>
    /// <exception cref="SettingException">There is none.</exception>
    public static void RequireBroker(this IHostApplicationBuilder builder) => Require(builder, "broker", "Kafka's bootstrap servers, such as localhost:9092");

    /// <summary>
    /// Has the sentence printed for what is thrown while this program starts. Inside a test, whose program this is not, the exception reaches the test.
    /// </summary>
    internal static void EndWithSentence(IHostEnvironment environment)
    {
        if (Assembly.GetEntryAssembly()?.GetName().Name != environment.ApplicationName) return;
        AppDomain.CurrentDomain.UnhandledException += static (_, fault) =>
        {
            if (fault.ExceptionObject is not Exception exception || SentencesOf(exception) is not { Count: > 0 } sentences) return;
            foreach (var sentence in sentences) Console.Error.WriteLine(sentence);
            Environment.Exit(ExitCode);
        };
    }

    private static void Require(IHostApplicationBuilder builder, string name, string value)
    {
        if (!string.IsNullOrEmpty(builder.Configuration.GetConnectionString(name))) return;
        throw new SettingException(
            $"ConnectionStrings__{name} is missing: set it to {value}. `dotnet run --project AppHost` sets it for every service, and keeps it in "
            + $"{RunningSystem.File} while it runs.");
    }

    /// <summary>What is wrong with the settings; none when the exception is about something else.</summary>
    internal static IReadOnlyList<string> SentencesOf(Exception exception) => exception switch
    {
        SettingException => [exception.Message],
        OptionsValidationException options => [.. options.Failures],
        AggregateException several when several.InnerExceptions.All(inner => SentencesOf(inner).Count > 0) =>
            [.. several.InnerExceptions.SelectMany(SentencesOf)],

        // The configuration binder: "Failed to convert configuration value 'many' at 'Accept:MaxBatch' to type 'System.Int32'."
        InvalidOperationException { InnerException: FormatException or ArgumentException or OverflowException or InvalidCastException } => [exception.Message],
        _ => [],
    };
}
