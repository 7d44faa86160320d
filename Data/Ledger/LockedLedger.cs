using Npgsql;
using NpgsqlTypes;

namespace Data.Ledger;

/// <summary>
/// Accounts as they are while their rows are locked, and the changes that a transaction makes to them. No other transaction can change them
/// meanwhile, so the decisions are made here, in memory, and <see cref="WriteLedger"/> writes the result once.
/// </summary>
/// <param name="accounts">By id.</param>
/// <param name="holds">The holds that may be used, released or repeated, by reference.</param>
/// <param name="posted">Those of the references that are posted.</param>
internal sealed class LockedLedger(
    Dictionary<long, LockedLedger.AccountState> accounts, Dictionary<string, LockedLedger.ActiveHold> holds, HashSet<string> posted)
{
    /// <summary>The columns that a statement must return that locks accounts.</summary>
    public const string Columns = "id, owner, kind, currency, balance, held";

    // These statements run after the one that locks the accounts. Holds and transfers change only under those locks, so what they read is final.
    private const string ReadHolds = "SELECT reference, account_id, amount FROM holds WHERE reference = ANY ($1)";
    private const string ReadPosted = "SELECT reference FROM transfers WHERE reference = ANY ($1)";

    private readonly Dictionary<AccountName, long> _ids = accounts.ToDictionary(account => account.Value.Name, account => account.Key);
    private readonly HashSet<long> _changed = [];
    private readonly List<NewTransfer> _transfers = [];
    private readonly List<NewEntry> _entries = [];
    private readonly List<NewHold> _placedHolds = [];
    private readonly List<string> _endedHolds = [];

    /// <summary>The posted transfers, in this order.</summary>
    public IReadOnlyList<NewTransfer> Transfers => _transfers;

    /// <summary>The entries of these transfers.</summary>
    public IReadOnlyList<NewEntry> Entries => _entries;

    /// <summary>The new holds.</summary>
    public IReadOnlyList<NewHold> PlacedHolds => _placedHolds;

    /// <summary>References of the holds that have ended.</summary>
    public IReadOnlyList<string> EndedHolds => _endedHolds;

    /// <summary>The accounts that have changed, in their new state.</summary>
    public IEnumerable<(long Id, AccountState State)> Changed => _changed.Select(id => (id, accounts[id]));

    /// <summary>Adds the statements whose results <see cref="ReadAsync"/> reads.</summary>
    /// <param name="batch">In a transaction; READ COMMITTED, PostgreSQL's default.</param>
    /// <param name="lockAccounts">
    /// Selects <see cref="Columns"/> of the accounts, ORDER BY id FOR NO KEY UPDATE. Every transaction locks in this order, so that none deadlocks.
    /// </param>
    /// <param name="references">References of the transfers that may be posted.</param>
    /// <param name="holds">References of the holds that may be used, released or repeated.</param>
    public static void AddTo(NpgsqlBatch batch, NpgsqlBatchCommand lockAccounts, string[] references, string[] holds)
    {
        batch.BatchCommands.Add(lockAccounts);
        batch.BatchCommands.Add(new(ReadHolds) { Parameters = { Parameter.Array(holds, NpgsqlDbType.Text) } });
        batch.BatchCommands.Add(new(ReadPosted) { Parameters = { Parameter.Array(references, NpgsqlDbType.Text) } });
    }

    /// <summary>Reads the results.</summary>
    /// <param name="row">At the result of the statement that locks the accounts.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public static async Task<LockedLedger> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var accounts = new Dictionary<long, AccountState>();
        while (await row.ReadAsync(cancellationToken))
            accounts.Add(row.GetInt64(0), new(new(row.GetString(1), row.GetString(2), row.GetString(3)), row.GetDecimal(4), row.GetDecimal(5)));
        await row.NextResultAsync(cancellationToken);
        var holds = new Dictionary<string, ActiveHold>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken)) holds.Add(row.GetString(0), new(row.GetInt64(1), row.GetDecimal(2)));
        await row.NextResultAsync(cancellationToken);
        var posted = new HashSet<string>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken)) posted.Add(row.GetString(0));
        return new(accounts, holds, posted);
    }

    /// <summary>Whether the account exists.</summary>
    public bool Has(AccountName name) => _ids.ContainsKey(name);

    /// <summary>The id of an account that exists.</summary>
    public long IdOf(AccountName name) => _ids[name];

    /// <summary>What an account can pay: its balance minus its holds; 0 for one that does not exist.</summary>
    public decimal AvailableOf(AccountName name) => _ids.TryGetValue(name, out var id) ? accounts[id].Balance - accounts[id].Held : 0;

    /// <summary>The balance of an account that exists.</summary>
    public decimal BalanceOf(AccountName name) => accounts[_ids[name]].Balance;

    /// <summary>
    /// Posts a transfer between accounts that exist, by their names: amounts of one account are added up, and what comes to 0 is left out.
    /// </summary>
    public PostOutcome Post(string reference, string kind, string? description, IEnumerable<(AccountName Account, decimal Amount)> movements)
    {
        var sums = movements.GroupBy(movement => movement.Account, movement => movement.Amount)
            .Select(account => (account.Key, Amount: account.Sum())).Where(account => account.Amount != 0).ToArray();
        Posting[] postings = [.. sums.Select(account => new Posting(IdOf(account.Key), account.Amount))];
        return Post(new(reference, kind, sums[0].Key.Currency, postings) { Description = description });
    }

    /// <summary>Posts a transfer. Any outcome but <see cref="PostOutcome.Posted"/> changes nothing.</summary>
    /// <exception cref="ArgumentException">
    /// The transfer is invalid (see <see cref="NewTransfer"/>), or an account does not exist or has another currency.
    /// </exception>
    public PostOutcome Post(NewTransfer transfer)
    {
        transfer.Validate();
        foreach (var posting in transfer.Postings) CheckAccount(transfer, posting.AccountId);
        if (posted.Contains(transfer.Reference)) return PostOutcome.AlreadyPosted;

        var hold = transfer.UsingHold is { } reference ? holds.GetValueOrDefault(reference) : null;
        if (transfer.UsingHold is not null && !transfer.Postings.Any(posting => posting.AccountId == hold?.AccountId)) return PostOutcome.NoHold;
        if (transfer.Postings.Any(posting => !Covers(posting, hold))) return PostOutcome.InsufficientBalance;
        if (transfer.Postings.Any(IsOutOfRange)) return PostOutcome.BalanceOutOfRange;

        foreach (var (account, amount) in transfer.Postings)
        {
            var state = Change(account, amount, held: 0);
            _entries.Add(new(transfer.Reference, account, amount, state.Balance));
        }

        if (hold is not null) EndHold(transfer.UsingHold!, hold);
        posted.Add(transfer.Reference);
        _transfers.Add(transfer);
        return PostOutcome.Posted;
    }

    /// <summary>Places a hold. Returns false, and changes nothing, when the available amount does not cover it; true when the same hold exists.</summary>
    /// <exception cref="ArgumentException">A hold with this reference exists with another amount or account.</exception>
    public bool PlaceHold(string reference, AccountName name, decimal amount)
    {
        var exists = _ids.TryGetValue(name, out var account);
        if (holds.GetValueOrDefault(reference) is { } hold)
        {
            return exists && hold == new ActiveHold(account, amount)
                ? true
                : throw new ArgumentException(
                    $"Hold {reference} exists with {hold.Amount} on account {hold.AccountId}; it cannot become {amount} of {name.Owner}.");
        }

        if (!exists || accounts[account].Balance - accounts[account].Held < amount) return false;
        Change(account, amount: 0, held: amount);
        holds.Add(reference, new(account, amount));
        _placedHolds.Add(new(reference, account, amount));
        return true;
    }

    /// <summary>Releases a hold. Returns false, and changes nothing, when it does not exist or has ended.</summary>
    public bool ReleaseHold(string reference)
    {
        if (holds.GetValueOrDefault(reference) is not { } hold || !accounts.ContainsKey(hold.AccountId)) return false;
        EndHold(reference, hold);
        return true;
    }

    private void CheckAccount(NewTransfer transfer, long account)
    {
        if (accounts.GetValueOrDefault(account) is not { } state)
            throw new ArgumentException($"Transfer {transfer.Reference} names account {account}, which does not exist.");
        if (state.Name.Currency != transfer.Currency)
            throw new ArgumentException($"Transfer {transfer.Reference} is in {transfer.Currency}, but account {account} is in {state.Name.Currency}.");
    }

    private bool Covers(Posting posting, ActiveHold? hold)
    {
        var state = accounts[posting.AccountId];
        var heldElsewhere = state.Held - (hold?.AccountId == posting.AccountId ? hold.Amount : 0);
        return AccountKind.MayBeNegative(state.Name.Kind) || state.Balance + posting.Amount >= heldElsewhere;
    }

    private bool IsOutOfRange(Posting posting) => Math.Abs(accounts[posting.AccountId].Balance + posting.Amount) > Money.LargestBalance;

    private AccountState Change(long account, decimal amount, decimal held)
    {
        _changed.Add(account);
        var state = accounts[account];
        return accounts[account] = state with { Balance = state.Balance + amount, Held = state.Held + held };
    }

    private void EndHold(string reference, ActiveHold hold)
    {
        Change(hold.AccountId, amount: 0, -hold.Amount);
        holds.Remove(reference);
        _endedHolds.Add(reference);
    }

    /// <summary>A row of <c>accounts</c>.</summary>
    internal sealed record AccountState(AccountName Name, decimal Balance, decimal Held);

    /// <summary>A row of <c>holds</c>, by its reference.</summary>
    internal sealed record ActiveHold(long AccountId, decimal Amount);

    /// <summary>A row to insert into <c>entries</c>; the transfer is named by its reference.</summary>
    internal sealed record NewEntry(string Reference, long AccountId, decimal Amount, decimal BalanceAfter);

    /// <summary>A row to insert into <c>holds</c>.</summary>
    internal sealed record NewHold(string Reference, long AccountId, decimal Amount);
}
