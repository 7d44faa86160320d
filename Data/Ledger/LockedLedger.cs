namespace Data.Ledger;

/// <summary>
/// The accounts of a batch as they are while their locks are held, and what the batch makes of them, transfer by transfer: nobody else can change them meanwhile, so
/// this decides, and the database is written once. The rules are those of the database's <c>post_transfer</c>.
/// </summary>
/// <param name="accounts">By id.</param>
/// <param name="holds">Those that transfers use or the batch releases, by reference.</param>
/// <param name="posted">Which of the references are posted already.</param>
internal sealed class LockedLedger(Dictionary<long, LockedLedger.State> accounts, Dictionary<string, LockedLedger.Hold> holds, HashSet<string> posted)
{
    private readonly HashSet<long> _changed = [];
    private readonly List<NewTransfer> _transfers = [];
    private readonly List<Entry> _entries = [];
    private readonly List<string> _ended = [];

    /// <summary>What is to be posted, in this order.</summary>
    public IReadOnlyList<NewTransfer> Transfers => _transfers;

    /// <summary>Their sides.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>References of holds that have ended.</summary>
    public IReadOnlyList<string> Ended => _ended;

    /// <summary>Accounts that have changed, as they are now.</summary>
    public IEnumerable<(long Id, State State)> Changed => _changed.Select(id => (id, accounts[id]));

    /// <summary>Posts a transfer, or says why not: then nothing has changed.</summary>
    /// <exception cref="ArgumentException">An account is not there or has another currency, or the transfer is none; see <see cref="NewTransfer"/>.</exception>
    public PostOutcome Post(NewTransfer transfer)
    {
        var postings = transfer.ToPost();
        foreach (var posting in postings) Check(transfer, posting.AccountId);
        if (posted.Contains(transfer.Reference)) return PostOutcome.AlreadyPosted;

        var hold = transfer.UsingHold is { } reference ? holds.GetValueOrDefault(reference) : null;
        if (transfer.UsingHold is not null && !postings.Any(posting => posting.AccountId == hold?.AccountId)) return PostOutcome.NoHold;
        if (postings.Any(posting => !Covers(posting, hold))) return PostOutcome.InsufficientBalance;

        foreach (var (account, amount) in postings)
        {
            var after = Change(account, amount);
            _entries.Add(new(transfer.Reference, account, amount, after));
        }

        if (hold is not null) End(transfer.UsingHold!, hold);
        posted.Add(transfer.Reference);
        _transfers.Add(transfer);
        return PostOutcome.Posted;
    }

    /// <summary>Gives a hold back. False: there is none (any more).</summary>
    public bool Release(string reference)
    {
        if (holds.GetValueOrDefault(reference) is not { } hold) return false;
        End(reference, hold);
        return true;
    }

    private void Check(NewTransfer transfer, long account)
    {
        if (accounts.GetValueOrDefault(account) is not { } state)
            throw new ArgumentException($"Transfer {transfer.Reference} names account {account}, which is not there.");
        if (state.Currency != transfer.Currency)
            throw new ArgumentException($"Transfer {transfer.Reference} is in {transfer.Currency}, and account {account} takes nothing but {state.Currency}.");
    }

    private bool Covers(Posting posting, Hold? hold)
    {
        var state = accounts[posting.AccountId];
        return state.Kind == AccountKind.Bank || state.Balance + posting.Amount >= state.Held - (hold?.AccountId == posting.AccountId ? hold.Amount : 0);
    }

    private decimal Change(long account, decimal amount)
    {
        _changed.Add(account);
        return (accounts[account] = accounts[account] with { Balance = accounts[account].Balance + amount }).Balance;
    }

    private void End(string reference, Hold hold)
    {
        _changed.Add(hold.AccountId);
        accounts[hold.AccountId] = accounts[hold.AccountId] with { Held = accounts[hold.AccountId].Held - hold.Amount };
        holds.Remove(reference);
        _ended.Add(reference);
    }

    /// <summary>A row of <c>accounts</c>.</summary>
    internal sealed record State(string Kind, string Currency, decimal Balance, decimal Held);

    /// <summary>A row of <c>holds</c>.</summary>
    internal sealed record Hold(long AccountId, decimal Amount);

    /// <summary>A row of <c>entries</c>, by its transfer's reference.</summary>
    internal sealed record Entry(string Reference, long AccountId, decimal Amount, decimal BalanceAfter);
}
