using System.Text;

namespace Contracts.Tests;

public class StoredTextTests
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    [Theory]
    [InlineData(null, null)]
    [InlineData("", "")]
    [InlineData("Refused: no such account.", "Refused: no such account.")]
    [InlineData("a\0b", "ab")]
    [InlineData("whole \ud83d\ude00", "whole \ud83d\ude00")]
    public void Text_that_PostgreSQL_would_refuse_is_made_fit(string? text, string? clean) => Assert.Equal(clean, StoredText.Clean(text));

    // Not as InlineData: attributes are stored as UTF-8, which has no half of a surrogate pair.
    [Fact]
    public void Half_of_a_surrogate_pair_is_replaced()
    {
        Assert.Equal("half \ufffd", StoredText.Clean("half \ud83d"));
        Assert.Equal("\ufffd half", StoredText.Clean("\ude00 half"));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(498), InlineData(499), InlineData(500)]
    public void A_character_at_the_limit_is_kept_whole_or_left_out(int before)
    {
        var clean = StoredText.Clean(new string('a', before) + "\ud83d\ude00" + new string('b', 500))!;

        Assert.True(clean.Length <= StoredText.MaxLength);
        Assert.Equal(before <= 498, clean.Contains("\ud83d\ude00", StringComparison.Ordinal));
        Strict.GetBytes(clean);
    }
}
