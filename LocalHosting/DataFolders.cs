using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalHosting;

/// <summary>The folder of an AppHost's data, and where commands and people find that of the running one.</summary>
public static class DataFolders
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>What outlives a run: <c>DataFolder</c>, else a folder for each clone, below a system folder for root, else below the user's own.</summary>
    public static string DataFolder(this IDistributedApplicationBuilder builder)
    {
        if (builder.Configuration["DataFolder"] is { Length: > 0 } given) return Path.GetFullPath(given);
        var clone = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(builder.AppHostDirectory)))[..8];
        var root = Environment.UserName == "root"
            ? "/var/lib"
            : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(root, "aspire-webhooks", clone);
    }

    /// <summary>
    /// Writes the connection strings into <c>connections.json</c> of the data folder once all of them are known, readable by its owner only, and deletes the
    /// file when the application stops. <c>~/.aspirewebhooks/current</c> leads to the data folder of the AppHost that was started last, unless the folder was
    /// given: then whoever gave it knows it.
    /// </summary>
    /// <param name="builder">The application, with all of its resources.</param>
    public static IDistributedApplicationBuilder KeepConnectionStrings(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode) return builder;
        var (folder, resources) = (builder.DataFolder(), builder.Resources.OfType<IResourceWithConnectionString>().ToArray());
        var file = Path.Combine(folder, "connections.json");
        builder.Eventing.Subscribe<AfterResourcesCreatedEvent>(async (created, stop) =>
        {
            Directory.CreateDirectory(folder);
            if (builder.Configuration["DataFolder"] is not { Length: > 0 }) MakeCurrent(folder);
            await WriteAsync(file, resources, stop);
            created.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(() => File.Delete(file));
        });
        return builder;
    }

    private static async Task WriteAsync(string file, IReadOnlyList<IResourceWithConnectionString> resources, CancellationToken stop)
    {
        var strings = new JsonObject();
        foreach (var resource in resources) strings[resource.Name] = await resource.GetConnectionStringAsync(stop);
        var text = new JsonObject { ["ConnectionStrings"] = strings }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
        File.Delete(file);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        await using var stream = new FileStream(file, options);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), stop);
    }

    private static void MakeCurrent(string folder)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        var link = Path.Combine(home, ".aspirewebhooks", "current");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.Delete(link);
            File.CreateSymbolicLink(link, folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{link} could not be made ({exception.Message}). The data of this system are in {folder}.");
        }
    }
}
