using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.Testing;
using Faults.Kinds;
using Faults.Load;
using Faults.Printing;
using Faults.Running;
using Support;

namespace Faults;

/// <summary>
/// FAULTS=long: random payments of ten users, 10,000 unless FAULTS_PAYMENTS says otherwise, while one part after the other is killed, stopped, paused or cut
/// off, with a bank that fails in all its ways; then the books are held against each other: ours, the bank's and the callers'.
/// </summary>
public class PaymentsTests
{
    private const int Users = 10, AtATime = 16;
    private const string AdminKey = "development-admin-key-change-me"; // AppHost/appsettings.json
    private static readonly TimeSpan LongestFault = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan ToSettle = TimeSpan.FromMinutes(4);

    /// <summary>Faster than by default, so that ten thousand end in minutes: the bank takes up to 2 s, and its silence is noticed after 2.</summary>
    private static readonly (string Name, string Value)[] QuickBank =
    [
        ("RateLimits__Global__Limit", "1000000"), ("Bank__MinDelay", "00:00:00.100"), ("Bank__MaxDelay", "00:00:02"), ("Bank__Timeout", "00:00:02"),
        ("Payments__Lease", "00:00:06"), ("Payments__CallbackTimeout", "00:00:05"), ("Payments__RetryBase", "00:00:00.200"),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_killed_every_payment_ends_no_hold_is_left_and_the_money_adds_up()
    {
        var settings = Settings.Read();
        Assert.SkipUnless(settings.IsLong, "FAULTS=long runs it: some ten minutes.");
        var requests = int.TryParse(Environment.GetEnvironmentVariable("FAULTS_PAYMENTS"), CultureInfo.InvariantCulture, out var n) ? n : 10_000;
        var journal = new Journal(settings.Clock);
        await using var system = await RunningSystem.StartAsync(settings with { IsLong = false }, Stop, QuickBank);
        journal.Say($"FAULTS_SEED={settings.Seed}, {requests} payments, {system.Around.Describe()}");
        var seeded = await system.AskAsync<long>("SELECT count(*) FROM payments", Stop);
        var payer = new Payer(system.Door, await AddUsersAsync(system), settings.Seed, settings.Clock);

        var payments = payer.RunAsync(requests, AtATime, Stop);
        var faults = await RunFaultsAsync(system, journal, payments);
        await payments;
        await Eventually.TrueAsync(
            token => system.AskAsync<bool>("SELECT NOT EXISTS (SELECT FROM payments WHERE processed_at IS NULL)", token), Stop, ToSettle);

        var violations = new List<string>(payer.Problems);
        await LookAtRowsAsync(system, payer, seeded, violations);
        await LookAtBankAsync(system, violations);
        await CheckLedgerAsync(system, journal, violations);
        var byStatus = await system.AskAsync<string>(
            "SELECT string_agg(line, ', ') FROM "
            + "(SELECT type || ' ' || status || ' ' || count(*) AS line FROM payments GROUP BY type, status ORDER BY 1) AS lines",
            Stop);
        journal.Say($"{faults} faults, {payer.Paid.Count} x 202, {payer.Refused} refused, {payer.Repeated} repeated; "
            + $"with the seed's: {byStatus}; {violations.Count} violations");
        foreach (var violation in violations.Take(20)) journal.Say($"  {violation}");
        Assert.Empty(violations.Take(20));
    }

    private static async Task<IReadOnlyList<(long, string)>> AddUsersAsync(RunningSystem system)
    {
        var users = new List<(long, string)>();
        for (var n = 0; n < Users; n++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/users")
            {
                Content = JsonContent.Create(new { email = $"payer{n}@example.com" }),
            };
            request.Headers.Add("X-API-Key", AdminKey);
            using var response = await system.Door.SendAsync(request, Stop);
            var user = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Stop);
            users.Add((user.GetProperty("user_id").GetInt64(), user.GetProperty("api_key").GetString()!));
        }

        return users;
    }

    private static async Task<int> RunFaultsAsync(RunningSystem system, Journal journal, Task payments)
    {
        var random = new Random(system.Settings.Seed);
        using var health = new HealthWatch(system, system.Settings.Clock);
        var count = 0;
        while (!payments.IsCompleted)
        {
            var faults = Plan.Everything(random, system).Where(fault => fault.Lasts <= LongestFault).ToArray();
            var fault = faults[random.Next(faults.Length)];
            journal.Say($"{system.Settings.Clock.GetUtcNow():HH:mm:ss} {fault}");
            await Matrix.DoAsync(system, fault, Stop);
            await health.UntilWellAsync(() => true, Stop);
            count++;
        }

        return count;
    }

    private static async Task LookAtRowsAsync(RunningSystem system, Payer payer, long seeded, List<string> violations)
    {
        if (await system.AskAsync<long>("SELECT count(*) FROM holds", Stop) is > 0 and var holds) violations.Add($"{holds} holds are left");
        if (await system.AskAsync<long>("SELECT count(*) FROM payments", Stop) - seeded is var rows && rows != payer.Paid.Count)
            violations.Add($"{payer.Paid.Count} payments were answered 202, and there are {rows} rows");
        if (payer.Paid.GroupBy(paid => paid.Id).Where(same => same.Count() > 1).ToList() is { Count: > 0 } twice)
            violations.Add($"{twice.Count} payments were answered to two keys");

        await using var command = system.Database.CreateCommand("SELECT id, user_id, type, amount::numeric(19,2)::text FROM payments");
        await using var row = await command.ExecuteReaderAsync(Stop);
        var stored = new HashSet<Paid>();
        while (await row.ReadAsync(Stop)) stored.Add(new Paid(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3)));
        violations.AddRange(payer.Paid.Where(paid => !stored.Contains(paid)).Select(paid => $"{paid} has no such row"));
    }

    /// <summary>What the bank says of each: done is success, and nothing else is.</summary>
    private static async Task LookAtBankAsync(RunningSystem system, List<string> violations)
    {
        using var bank = system.CreateClient("sandbox", TimeSpan.FromSeconds(30));
        await using var command = system.Database.CreateCommand("SELECT id, status FROM payments WHERE created_at > (SELECT min(created_at) FROM users)");
        await using var row = await command.ExecuteReaderAsync(Stop);
        while (await row.ReadAsync(Stop))
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/transfers/{row.GetInt64(0)}");
            using var answer = await bank.GetAsync(new Uri(path, UriKind.Relative), Stop);
            var said = answer.StatusCode == HttpStatusCode.NotFound
                ? "never seen"
                : (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("status").GetString();
            if ((said == "success") != (row.GetString(1) == "success"))
                violations.Add($"payment {row.GetInt64(0)} is {row.GetString(1)}, and the bank says {said}");
        }
    }

    private static async Task CheckLedgerAsync(RunningSystem system, Journal journal, List<string> violations)
    {
        var start = new ProcessStartInfo(system.Processes.Command(RunningSystem.Worker), ["--check-ledger"]) { RedirectStandardOutput = true };
        start.Environment["ConnectionStrings__webhooks"] = await system.App.GetConnectionStringAsync("webhooks", Stop);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        journal.Say(output.Trim());
        if (process.ExitCode != 0) violations.Add($"--check-ledger ended with {process.ExitCode}: {output}");
    }
}
