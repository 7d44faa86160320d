using System.Globalization;
using Contracts;
using Query.Api.Lists;

namespace Query.Api.Tests;

public sealed class CursorAndTimeTests
{
    [Theory]
    [InlineData("a", "2024-01-15T10:30:00.123456Z")]
    [InlineData("AZaz09._:~@-", "0001-01-01T00:00:00Z")]
    [InlineData("txn", "9999-12-31T23:59:59.999999Z")]
    public void A_cursor_reads_back_as_it_was_and_is_safe_in_a_URL(string id, string time)
    {
        var cursor = new TimeCursor(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).UtcDateTime, id);

        var text = cursor.ToString();

        Assert.Matches("^[A-Za-z0-9_-]+$", text);
        var back = Assert.NotNull(TimeCursor.Parse(text));
        Assert.Equal(cursor, back);
        Assert.Equal(DateTimeKind.Utc, back.Time.Kind);
    }

    [Fact]
    public void The_longest_id_fits_and_a_longer_text_is_no_cursor()
    {
        var text = new TimeCursor(DateTime.UnixEpoch, new string('x', 128)).ToString();

        Assert.NotNull(TimeCursor.Parse(text));
        Assert.Null(TimeCursor.Parse(text + "xxxx"));
        Assert.Null(TimeCursor.Parse(new string('A', 100_000)));
    }

    [Theory, InlineData(1), InlineData(4711), InlineData(long.MaxValue)]
    public void A_cursor_of_an_id_reads_back_as_it_was_and_no_other_text_is_one(long id)
    {
        var text = new IdCursor(id).ToString();

        Assert.Matches("^[A-Za-z0-9_-]{11}$", text);
        Assert.Equal(new IdCursor(id), IdCursor.Parse(text));
        Assert.Null(IdCursor.Parse(text + "x"));
        Assert.Null(IdCursor.Parse(new IdCursor(-id).ToString()));
        Assert.Null(IdCursor.Parse($"{id}"));
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000"), InlineData("019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f"), InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff")]
    public void A_cursor_of_a_UUID_reads_back_as_it_was_and_no_other_text_is_one(string id)
    {
        var text = new UuidCursor(Guid.Parse(id)).ToString();

        Assert.Matches("^[A-Za-z0-9_-]{22}$", text);
        Assert.Equal(new UuidCursor(Guid.Parse(id)), UuidCursor.Parse(text));
        Assert.Null(UuidCursor.Parse(text + "x"));
        Assert.Null(UuidCursor.Parse(text[..^1]));
        Assert.Null(UuidCursor.Parse(id));
        Assert.Null(UuidCursor.Parse(new string('A', 100_000)));
    }

    [Theory]
    [InlineData("2024-01-15T10:30:00Z", "2024-01-15T10:30:00.0000000Z")]
    [InlineData("2024-01-15t10:30:00z", "2024-01-15T10:30:00.0000000Z")]
    [InlineData("2024-01-15T10:30:00.5Z", "2024-01-15T10:30:00.5000000Z")]
    [InlineData("2024-01-15T10:30:00.123456789Z", "2024-01-15T10:30:00.1234560Z")]
    [InlineData("2024-01-15T10:30:00-05:30", "2024-01-15T16:00:00.0000000Z")]
    [InlineData("2024-01-15T10:30:00.25+01:00", "2024-01-15T09:30:00.2500000Z")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.0000000Z")]
    public void Times_of_RFC_3339_are_understood(string text, string utc)
    {
        Assert.True(Rfc3339.TryParse(text, out var time));
        Assert.Equal(utc, time.ToString("O", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("2024-01-15 10:30:00Z")]
    [InlineData("2024-01-15T10:30Z")]
    [InlineData("2024-01-15T10:30:00")]
    [InlineData("2024-01-15T10:30:00.")]
    [InlineData("2024-01-15T25:30:00Z")]
    [InlineData("10000-01-15T10:30:00Z")]
    [InlineData("Mon, 15 Jan 2024 10:30:00 GMT")]
    [InlineData(" 2024-01-15T10:30:00Z")]
    public void Other_texts_are_not(string text) => Assert.False(Rfc3339.TryParse(text, out _));
}
