using Faults.Invariants;
using Faults.Load;
using Faults.Printing;
using Faults.Running;
using Support;

namespace Faults.Charges;

/// <summary>Customers who are charged, days that pass, and a Stripe that fails in another way each round, while something is done to the system.</summary>
internal sealed class ChargingLoad : IAsyncDisposable
{
    private const int FarAhead = 30;
    private static readonly TimeSpan ToSettle = TimeSpan.FromMinutes(4);

    private const string IsBusy =
        """
        SELECT EXISTS (SELECT FROM charges WHERE status = 'pending') OR EXISTS (SELECT FROM refunds WHERE status = 'pending')
            OR EXISTS (SELECT FROM installments WHERE status = 'processing' OR next_attempt_at <= business_now())
        """;

    private const string IsOpen = "SELECT EXISTS (SELECT FROM installment_orders WHERE status = 'active')";

    private const string Left =
        """
        SELECT format('%s holds are left', count(*)) FROM holds HAVING count(*) > 0
        UNION ALL SELECT format('%s has %s set aside', owner, balance) FROM accounts WHERE owner LIKE 'clearing:%' AND balance <> 0
        UNION ALL SELECT format('%s holds %s', owner, held) FROM accounts WHERE held <> 0
        UNION ALL SELECT format('Stripe request %s is open', id) FROM stripe_requests WHERE answered_at IS NULL
        UNION ALL SELECT format('Stripe request %s was sent under %s keys', id, attempt) FROM stripe_requests WHERE attempt > 1
        UNION ALL SELECT format('a dead letter of charges: %s', reason) FROM dead_letters WHERE topic = 'charges'
        """;

    private const string Outcomes =
        """
        SELECT string_agg(line, ', ') FROM (
            SELECT format('%s %s charges %s', count(*), coalesce(payment_method, 'no'), status) AS line FROM charges GROUP BY payment_method, status
            UNION ALL SELECT format('%s refunds %s', count(*), status) FROM refunds GROUP BY status
            UNION ALL SELECT format('%s installments %s in %s attempts', count(*), status, sum(attempts)) FROM installments GROUP BY status
            UNION ALL SELECT format('%s orders %s', count(*), status) FROM installment_orders GROUP BY status) AS lines
        """;

    private readonly RunningSystem _system;
    private readonly StripeAccount _stripe;
    private readonly BusinessDays _days;
    private readonly ChargingCustomers _customers;
    private readonly DroppedSteps _dropped;
    private readonly CancellationTokenSource _end, _endOfAll;
    private Task _load = Task.CompletedTask;
    private ChargeStates _states = ChargeStates.None;
    private int _round;

    private ChargingLoad(RunningSystem system, CancellationToken stop)
    {
        var settings = system.Settings;
        _system = system;
        _round = settings.Seed % StripeAccount.Behaviours.Length;
        _stripe = new StripeAccount(system);
        _days = new BusinessDays(system);
        Client = new RepeatingClient(system.Door, settings.Clock);
        _customers = new ChargingCustomers(Client, _days, settings.Seed, settings.Clock);
        _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _endOfAll = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _dropped = DroppedSteps.Of(system, _endOfAll.Token);
    }

    /// <summary>What was sent, and how it was answered.</summary>
    public RepeatingClient Client { get; }

    /// <summary>Starts it.</summary>
    /// <param name="system">A system with <see cref="StripeAccount.Quick"/>.</param>
    /// <param name="atATime">Requests at a time.</param>
    /// <param name="pause">After each.</param>
    /// <param name="day">How long a day takes.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<ChargingLoad> StartAsync(RunningSystem system, int atATime, TimeSpan pause, TimeSpan day, CancellationToken stop)
    {
        var load = new ChargingLoad(system, stop);
        await load._customers.OpenWalletsAsync(stop);
        load._load = Task.WhenAll(load._customers.RunAsync(atATime, pause, load._end.Token, stop), load._days.RunAsync(day, load._end.Token));
        return load;
    }

    /// <summary>Stripe fails in the next way.</summary>
    /// <returns>Its name.</returns>
    public Task<string> NextRoundAsync(CancellationToken stop) => _stripe.BehaveAsync(_round++, stop);

    /// <summary>Notes what there is to be interrupted.</summary>
    public async Task LookAsync(CancellationToken stop) => _states += await ChargeStates.ReadAsync(_system, stop);

    /// <summary>No more requests; what is due falls due, until everything has its outcome; then what does not agree, a sentence each.</summary>
    public async Task<IReadOnlyList<string>> EndAsync(Journal journal, CancellationToken stop)
    {
        await _end.CancelAsync();
        await _stripe.BehaveWellAsync(stop);
        await _load;
        var differences = new List<string>(_customers.Problems);
        try
        {
            await Eventually.TrueAsync(IsSettledAsync, stop, ToSettle);
        }
        catch (TimeoutException exception)
        {
            differences.Add($"not everything has its outcome: {exception.Message}");
        }

        var stored = await StoredCharges.ReadAsync(_system, _stripe, stop);
        differences.AddRange(ChargeJudge.Differences(_customers, stored));
        await using (var command = _system.Database.CreateCommand(Left))
        await using (var row = await command.ExecuteReaderAsync(stop))
            while (await row.ReadAsync(stop)) differences.Add(row.GetString(0));
        if (await LedgerCheck.RunAsync(_system, journal, stop) is { } difference) differences.Add(difference);
        journal.Say(
            $"charges: {Client.All.Count} requests sent, {Client.Repeated} of them again for want of an answer; "
            + $"{_customers.Charges.Count(charge => charge.Status == "pending")} of {_customers.Charges.Count} charges and "
            + $"{_customers.Refunds.Count(refund => refund.Status == "pending")} of {_customers.Refunds.Count} refunds answered pending; "
            + $"in the end {await _system.AskAsync<string>(Outcomes, stop)}; at Stripe {stored.Intents.Count(intent => intent.Status == "succeeded")} of "
            + $"{stored.Intents.Count} intents paid, {stored.StripeRefunds.Count} refunds; when faults began: {_states}; stale claims dropped: {_dropped}; "
            + $"{differences.Count} differences");
        return differences;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _endOfAll.CancelAsync();
        _stripe.Dispose();
        _end.Dispose();
        _endOfAll.Dispose();
    }

    private async Task<bool> IsSettledAsync(CancellationToken stop)
    {
        if (await _system.AskAsync<bool>(IsBusy, stop)) return false;
        if (!await _system.AskAsync<bool>(IsOpen, stop)) return true;
        await _days.TurnAsync(FarAhead, stop);
        return false;
    }
}
