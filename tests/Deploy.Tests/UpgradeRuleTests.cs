using System.Text.RegularExpressions;

namespace Deploy.Tests;

/// <summary>
/// A migration runs while the previous version does (docs/deployment.md#upgrades), so it takes nothing away that this version may use. What it says is looked
/// for in the text of each migration since the last release; that both versions work on one schema is seen by Faults' UpgradeTests.
/// </summary>
public sealed partial class UpgradeRuleTests
{
    /// <summary>The last migration of release 0.1.0: before it there was nothing to upgrade from. Moved on with each release.</summary>
    private const string LastOfRelease = "20261130100000";

    [Fact]
    public void No_migration_since_the_last_release_takes_away_what_the_previous_version_uses()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Published.Root, "Data/Migrations"), "*.cs")
            .Where(file => Path.GetFileName(file) is var name && char.IsDigit(name[0]) && !name.EndsWith(".Designer.cs", StringComparison.Ordinal)).ToList();
        Assert.Contains(files, file => Path.GetFileName(file).StartsWith(LastOfRelease, StringComparison.Ordinal));
        var since = files.Where(file => string.CompareOrdinal(Path.GetFileName(file)[..LastOfRelease.Length], LastOfRelease) > 0);
        Assert.All(since, file => Assert.True(
            Taken(File.ReadAllText(file)) is not { } taken,
            $"{file}: \"{Taken(File.ReadAllText(file))}\" while the previous version runs. Add now, take away a release later."));
    }

    [Theory]
    [InlineData("migrationBuilder.DropColumn(name: \"a\", table: \"b\");")]
    [InlineData("migrationBuilder.RenameTable(name: \"a\");")]
    [InlineData("migrationBuilder.Sql(\"ALTER TABLE a DROP COLUMN b\");")]
    [InlineData("migrationBuilder.Sql(\"alter table a rename to b\");")]
    [InlineData("migrationBuilder.Sql(\"ALTER TABLE a ALTER COLUMN b SET NOT NULL\");")]
    [InlineData("migrationBuilder.Sql(\"DROP TABLE a\");")]
    public void What_is_taken_away_is_seen(string statement) => Assert.NotNull(Taken($"void Up(M migrationBuilder) {{ {statement} }} void Down(M m) {{ }}"));

    [Theory]
    [InlineData("void Up(M m) { m.Sql(\"CREATE TABLE a (b int NOT NULL)\"); } void Down(M m) { m.Sql(\"DROP TABLE a\"); }")]
    [InlineData("const string Drop = \"\"\"DROP TABLE a\"\"\"; void Up(M m) { m.AddColumn<int>(\"a\", \"b\", nullable: true); }")]
    [InlineData("void Up(M m) { m.Sql(\"DROP INDEX IF EXISTS a\"); }")]
    public void What_is_added_and_what_Down_does_is_left_alone(string migration) => Assert.Null(Taken(migration));

    private static string? Taken(string migration)
    {
        var found = TakesAway().Match(OnTheWayDown().Replace(migration, ""));
        return found.Success ? found.Value : null;
    }

    [GeneratedRegex(@"const string Drop\b.*?"""""";|void Down\(.*", RegexOptions.Singleline)]
    private static partial Regex OnTheWayDown();

    [GeneratedRegex(
        @"\bDrop(Column|Table|Schema)\(|\bRename(Column|Table)\(|\bDROP\s+(TABLE|COLUMN)\b|\bRENAME\s+(TO|COLUMN)\b|\bSET\s+NOT\s+NULL\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex TakesAway();
}
