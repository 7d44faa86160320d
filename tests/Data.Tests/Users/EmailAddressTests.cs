using Data.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Data.Tests.Users;

public sealed class EmailAddressTests(Database database) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(database.ConnectionString);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Theory]
    [InlineData("alice@example.com", "alice@example.com")]
    [InlineData("Alice.B+c@Example.COM", "alice.b+c@example.com")]
    [InlineData("\u00c4RGER@ex\u00e4mple.de", "\u00e4rger@ex\u00e4mple.de")]
    [InlineData("A\u0308RGER@exa\u0308mple.de", "\u00e4rger@ex\u00e4mple.de")]
    [InlineData("\u212bngstro\u0308m@x", "\u00e5ngstr\u00f6m@x")]
    [InlineData("J\u030c@x", "\u01f0@x")]
    [InlineData("\u0130@x", "i\u0307@x")]
    [InlineData("I\u0307@x", "i\u0307@x")]
    [InlineData("a\u0323\u0302@x", "\u1ead@x")]
    [InlineData("a\u0302\u0323@x", "\u1ead@x")]
    [InlineData("a@b", "a@b")]
    [InlineData("", null)]
    [InlineData("@", null)]
    [InlineData("@b", null)]
    [InlineData("a@", null)]
    [InlineData("a@b@c", null)]
    [InlineData("a b@c", null)]
    [InlineData("a\u0000@c", null)]
    [InlineData("a\u200b@c", null)]
    [InlineData("a@c\n", null)]
    public async Task An_address_has_one_form(string text, string? normalized) =>
        Assert.Equal(normalized, await EmailAddress.NormalizedAsync(_source, text, Cancelled));

    [Fact]
    public async Task An_address_has_254_characters_at_most_as_it_is_sent_and_as_it_is_stored()
    {
        Assert.NotNull(await EmailAddress.NormalizedAsync(_source, new string('a', 252) + "@b", Cancelled));
        Assert.Null(await EmailAddress.NormalizedAsync(_source, new string('a', 253) + "@b", Cancelled));
        Assert.Null(await EmailAddress.NormalizedAsync(_source, new string('\u0958', 150) + "@b", Cancelled)); // Two characters each in normal form.
    }

    /// <summary>Every character that an address may have, in each case, against its decomposition as PostgreSQL has it.</summary>
    [Fact]
    public async Task No_character_makes_two_addresses_of_one()
    {
        var characters = Enumerable.Range(0, char.MaxValue + 1).Select(code => $"{(char)code}").Where(text => EmailAddress.IsWellFormed($"{text}@x")).ToArray();
        var decomposed = await AskAsync(characters, "normalize(text, NFD)");
        // Surrogates are refused.
        var pairs = characters.Zip(decomposed).Where(pair => pair.First != pair.Second && !pair.Second.Any(char.IsSurrogate)).ToArray();
        Assert.InRange(pairs.Length, 10_000, 60_000); // Most are Hangul.

        // As many in one address as it holds: one round trip for each of 65,000 would take a minute.
        foreach (var some in pairs.Chunk(40))
        {
            string[] texts = [string.Join('.', some.Select(pair => pair.First)) + "@x", string.Join('.', some.Select(pair => pair.Second)) + "@x"];
            var forms = await Task.WhenAll(texts.Select(text => EmailAddress.NormalizedAsync(_source, text, Cancelled)));
            Assert.NotNull(forms[0]);
            Assert.Equal(forms[0], forms[1]);
            Assert.Equal(forms[0], await EmailAddress.NormalizedAsync(_source, forms[0]!, Cancelled));
        }
    }

    [Fact]
    public async Task Addresses_that_were_stored_before_get_their_normal_form_where_nobody_else_has_it()
    {
        var name = await database.CreateEmptyAsync();
        await using var context = database.Open(name);
        await context.GetService<IMigrator>().MigrateAsync("20261129050000_PaymentClaims", Cancelled);
        string[] before = ["plain@x", "e\u0301@x", "o\u0308@x", "\u00f6@x", "u\u0308@x", "\u1e73u\u0308@x", "u\u0324u\u0308@x", "\u0130@x"];
        for (var i = 0; i < before.Length; i++)
            await context.Database.ExecuteSqlAsync($"INSERT INTO users (email, api_key_hash) VALUES ({before[i]}, sha256({new[] { (byte)i }}))", Cancelled);

        await context.Database.MigrateAsync(Cancelled);

        var after = await context.Users.OrderBy(user => user.Id).Select(user => user.Email).ToListAsync(Cancelled);
        Assert.Equal(["plain@x", "\u00e9@x", "o\u0308@x", "\u00f6@x", "\u00fc@x", "\u1e73\u00fc@x", "u\u0324u\u0308@x", "i\u0307@x"], after);
    }

    private async Task<string[]> AskAsync(string[] texts, string expression)
    {
        await using var command = _source.CreateCommand($"SELECT array_agg({expression} ORDER BY n) FROM unnest($1) WITH ORDINALITY AS t (text, n)");
        command.Parameters.AddWithValue(texts);
        return (string[])(await command.ExecuteScalarAsync(Cancelled))!;
    }
}
