using Npgsql;

namespace Data.Tests.Ledger;

/// <summary>What the database refuses whoever asks: each rule broken by plain SQL.</summary>
public sealed class LedgerRuleTests(Database database) : IAsyncLifetime
{
    private const string Make = "WITH made AS (INSERT INTO transfers (reference, kind, currency) VALUES ('{currency}:new', 'test', '{currency}') RETURNING id)";

    private readonly Room _room = new(database);
    private long _user, _bank, _transfer;

    public async ValueTask InitializeAsync()
    {
        (_user, _bank) = (await _room.OpenUserAsync(1, 10), await _room.OpenBankAsync());
        _transfer = long.Parse(Assert.Single(await database.ReadAsync($"SELECT id::text FROM transfers WHERE reference = '{_room.Currency}:opening:1'")), null);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("UPDATE accounts SET balance = -0.0001 WHERE id = {user}", "accounts_available_not_negative")]
    [InlineData("UPDATE accounts SET held = 10.0001 WHERE id = {user}", "accounts_available_not_negative")]
    [InlineData("UPDATE accounts SET held = -1 WHERE id = {user}", "accounts_held_not_negative")]
    [InlineData("UPDATE accounts SET currency = 'EUR' WHERE id = {user}", "accounts_stay")]
    [InlineData("UPDATE accounts SET kind = 'bank' WHERE id = {user}", "accounts_stay")]
    [InlineData("DELETE FROM accounts WHERE id = {user}", "accounts_stay")]
    [InlineData("INSERT INTO accounts (owner, kind, currency) VALUES ('shop:1', 'shop', '{currency}')", "accounts_kind_known")]
    [InlineData("INSERT INTO accounts (owner, kind, currency, balance) VALUES ('wallet:1', 'wallet', '{currency}', -1)", "accounts_available_not_negative")]
    [InlineData("INSERT INTO accounts (owner, kind, currency, balance) VALUES ('merchant:1', 'merchant', '{currency}', -1)", "accounts_available_not_negative")]
    [InlineData("INSERT INTO accounts (owner, kind, currency) VALUES ('user:1', 'user', '{currency}')", "accounts_owner")]
    [InlineData("INSERT INTO transfers (reference, kind, currency) VALUES ('{currency}:opening:1', 'test', '{currency}')", "transfers_reference")]
    [InlineData("INSERT INTO transfers (reference, kind, currency) VALUES ('{currency}:empty', 'test', '{currency}')", "transfers_balanced")]
    [InlineData("{new} SELECT id, {user}, 2, 2 FROM made UNION ALL SELECT id, {bank}, -1, -1 FROM made", "entries_belong")]
    [InlineData("{new} SELECT id, {user}, 2, 2 FROM made", "entries_belong")]
    [InlineData("INSERT INTO entries VALUES ({transfer}, {user}, 1, 1)", "entries_pkey")]
    [InlineData("INSERT INTO entries VALUES ({transfer} + 1000000, {user}, 1, 1), ({transfer} + 1000000, {bank}, -1, 1)", "entries_belong")]
    [InlineData("INSERT INTO entries VALUES ({transfer}, -1, 1, 1), ({transfer}, -2, -1, 1)", "entries_belong")]
    [InlineData("INSERT INTO entries VALUES ({transfer}, -1, 0, 1)", "entries_amount_not_zero")]
    [InlineData("UPDATE entries SET amount = amount + 1 WHERE transfer_id = {transfer}", "entries_are_final")]
    [InlineData("DELETE FROM entries WHERE transfer_id = {transfer}", "entries_are_final")]
    [InlineData("TRUNCATE entries", "entries_are_final")]
    [InlineData("UPDATE transfers SET reference = 'other' WHERE id = {transfer}", "transfers_are_final")]
    [InlineData("DELETE FROM transfers WHERE id = {transfer}", "transfers_are_final")]
    [InlineData("TRUNCATE transfers", "transfers_are_final")]
    [InlineData("INSERT INTO holds (reference, account_id, amount) VALUES ('{currency}:zero', {user}, 0)", "holds_amount_positive")]
    [InlineData("INSERT INTO holds (reference, account_id, amount) VALUES ('{currency}:nobody', -1, 1)", "holds_account_id_fkey")]
    public async Task What_breaks_the_ledger_is_refused_by_name(string sql, string constraint)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => database.RunAsync(Fill(sql)));
        Assert.Equal(constraint, refused.ConstraintName);
        Assert.Empty(await _room.FaultsAsync());
    }

    [Fact]
    public async Task A_transfer_in_one_currency_cannot_have_an_entry_of_an_account_in_another()
    {
        var elsewhere = await new Room(database).OpenUserAsync(1);
        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            database.RunAsync(Fill($"INSERT INTO entries VALUES ({{transfer}}, {elsewhere}, 1, 1), ({{transfer}}, {elsewhere} + 1, -1, 1)")));
        Assert.Equal("entries_belong", refused.ConstraintName);
    }

    // {new}: a new transfer, to be followed by its entries.
    private string Fill(string sql) => sql
        .Replace("{new}", $"{Make} INSERT INTO entries (transfer_id, account_id, amount, balance_after)", StringComparison.Ordinal)
        .Replace("{user}", $"{_user}", StringComparison.Ordinal).Replace("{bank}", $"{_bank}", StringComparison.Ordinal)
        .Replace("{transfer}", $"{_transfer}", StringComparison.Ordinal).Replace("{currency}", _room.Currency, StringComparison.Ordinal);
}
