using Npgsql;
using NpgsqlTypes;

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
    /// <summary>What a statement must return that locks accounts.</summary>
    public const string Columns = "id, owner, kind, currency, balance, held";

    // After the accounts' locks, under which holds come and go and these references are posted: this look is the last word.
    private const string ReadHolds = "SELECT reference, account_id, amount FROM holds WHERE reference = ANY ($1)";
    private const string ReadPosted = "SELECT reference FROM transfers WHERE reference = ANY ($1)";

    private readonly Dictionary<AccountName, long> _ids = accounts.ToDictionary(account => account.Value.Name, account => account.Key);
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

    /// <summary>Adds what is to be read, which <see cref="ReadAsync"/> then reads.</summary>
    /// <param name="batch">In a transaction; READ COMMITTED, PostgreSQL's default.</param>
    /// <param name="lockAccounts">Selects <see cref="Columns"/> of the accounts, ORDER BY id FOR NO KEY UPDATE: everybody locks in this order, so nobody waits in a circle.</param>
    /// <param name="references">Of the transfers that may be posted.</param>
    /// <param name="holds">References of holds that may be used or released; all are on these accounts.</param>
    public static void AddTo(NpgsqlBatch batch, NpgsqlBatchCommand lockAccounts, string[] references, string[] holds)
    {
        batch.BatchCommands.Add(lockAccounts);
        batch.BatchCommands.Add(new(ReadHolds) { Parameters = { Column.Of(holds, NpgsqlDbType.Text) } });
        batch.BatchCommands.Add(new(ReadPosted) { Parameters = { Column.Of(references, NpgsqlDbType.Text) } });
    }

    /// <summary>Reads it.</summary>
    /// <param name="row">At the result of the accounts.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<LockedLedger> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var accounts = new Dictionary<long, State>();
        while (await row.ReadAsync(cancellationToken))
            accounts.Add(row.GetInt64(0), new(new(row.GetString(1), row.GetString(2), row.GetString(3)), row.GetDecimal(4), row.GetDecimal(5)));
        await row.NextResultAsync(cancellationToken);
        var holds = new Dictionary<string, Hold>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken)) holds.Add(row.GetString(0), new(row.GetInt64(1), row.GetDecimal(2)));
        await row.NextResultAsync(cancellationToken);
        var posted = new HashSet<string>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken)) posted.Add(row.GetString(0));
        return new(accounts, holds, posted);
    }

    /// <summary>Whether there is such an account among them.</summary>
    public bool Has(AccountName name) => _ids.ContainsKey(name);

    /// <summary>The id of one of them.</summary>
    public long IdOf(AccountName name) => _ids[name];

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

    /// <summary>Gives a hold back; nothing, when there is none (any more).</summary>
    public void Release(string reference)
    {
        if (holds.GetValueOrDefault(reference) is { } hold && accounts.ContainsKey(hold.AccountId)) End(reference, hold);
    }

    private void Check(NewTransfer transfer, long account)
    {
        if (accounts.GetValueOrDefault(account) is not { } state)
            throw new ArgumentException($"Transfer {transfer.Reference} names account {account}, which is not there.");
        if (state.Name.Currency != transfer.Currency)
            throw new ArgumentException($"Transfer {transfer.Reference} is in {transfer.Currency}, and account {account} takes nothing but {state.Name.Currency}.");
    }

    private bool Covers(Posting posting, Hold? hold)
    {
        var state = accounts[posting.AccountId];
        return state.Name.Kind == AccountKind.Bank || state.Balance + posting.Amount >= state.Held - (hold?.AccountId == posting.AccountId ? hold.Amount : 0);
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
    internal sealed record State(AccountName Name, decimal Balance, decimal Held);

    /// <summary>A row of <c>holds</c>.</summary>
    internal sealed record Hold(long AccountId, decimal Amount);

    /// <summary>A row of <c>entries</c>, by its transfer's reference.</summary>
    internal sealed record Entry(string Reference, long AccountId, decimal Amount, decimal BalanceAfter);
}
