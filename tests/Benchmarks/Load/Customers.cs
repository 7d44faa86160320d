using System.Net.Http.Json;
using Benchmarks.Running;

namespace Benchmarks.Load;

/// <summary>Customers for charges: those of one prefix have wallets that never run dry, those of the other have none.</summary>
internal static class Customers
{
    public const int Count = 1_000;
    public const string WithWallets = "bench-w-", WithoutWallets = "bench-c-", Card = "pm_card_visa";

    /// <summary>Creates the wallets, through the API.</summary>
    public static async Task AddWalletsAsync(RunningSystem system)
    {
        using var http = new HttpClient { BaseAddress = system.Url(RunningSystem.Ingest, "/") };
        await Parallel.ForAsync(1, Count + 1, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (n, cancellationToken) =>
        {
            (await http.PostAsJsonAsync("/wallets", new { customer_id = $"{WithWallets}{n}" }, cancellationToken)).EnsureSuccessStatusCode();
            (await http.PostAsJsonAsync($"/wallets/{WithWallets}{n}/credit", new { amount = 1_000_000_000 }, cancellationToken)).EnsureSuccessStatusCode();
        });
    }
}
