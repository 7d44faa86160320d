using System.Globalization;
using Faults.Invariants;
using Faults.Kinds;
using Faults.Load;
using Faults.Printing;
using Faults.Running;

namespace Faults;

/// <summary>
/// FAULTS=long: random payments of ten users, 10,000 unless FAULTS_PAYMENTS says otherwise, while one part after the other is killed, stopped, paused or cut
/// off, with a bank that fails in all its ways; then the books are held against each other: ours, the bank's and the callers'.
/// </summary>
public class PaymentsTests
{
    private const int Users = 10, AtATime = 16;
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
        var books = await Books.OpenAsync(system, Stop);
        var payer = new Payer(system.Door, await PayingUsers.AddAsync(system, "payer", Users, Stop), settings.Seed, settings.Clock);

        var payments = payer.RunAsync(requests, AtATime, Stop);
        var faults = await RunFaultsAsync(system, journal, payments);
        await payments;
        await books.UntilSettledAsync(ToSettle, Stop);

        var differences = await books.DifferencesAsync(payer, journal, Stop);
        journal.Say(
            $"{faults} faults, {payer.Paid.Count} x 202, {payer.Refused} refused, {payer.Repeated} repeated; {await books.DescribeAsync(Stop)}; "
            + $"{differences.Count} differences");
        foreach (var difference in differences.Take(20)) journal.Say($"  {difference}");
        Assert.Empty(differences.Take(20));
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
}
