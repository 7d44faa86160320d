using System.Text.Json;

namespace Contracts.Tests;

public class WireJsonTests
{
    private static readonly JsonSerializerOptions Options = WireJson.Options();

    public static TheoryData<object, string> Times => new()
    {
        { new DateTimeOffset(2026, 1, 15, 16, 0, 0, TimeSpan.FromHours(5.5)), "2026-01-15T10:30:00Z" },
        { new DateTimeOffset(2026, 1, 15, 10, 30, 0, TimeSpan.Zero).AddMicroseconds(123456), "2026-01-15T10:30:00.123456Z" },
        { new DateTime(2026, 1, 15, 10, 30, 0, DateTimeKind.Utc), "2026-01-15T10:30:00Z" },
        { new DateTime(2026, 1, 15, 10, 30, 0, DateTimeKind.Unspecified), "2026-01-15T10:30:00Z" },
        { new DateTimeOffset(2026, 1, 15, 10, 30, 0, TimeSpan.Zero).LocalDateTime, "2026-01-15T10:30:00Z" },
    };

    [Theory]
    [MemberData(nameof(Times))]
    public void Every_time_is_written_in_UTC_with_a_Z(object time, string text) => Assert.Equal($"\"{text}\"", JsonSerializer.Serialize(time, Options));

    [Fact]
    public void A_time_with_an_offset_is_read_as_the_instant_it_is()
    {
        Assert.Equal(
            new DateTimeOffset(2026, 1, 15, 10, 30, 0, TimeSpan.Zero),
            JsonSerializer.Deserialize<DateTimeOffset>("\"2026-01-15T16:00:00+05:30\"", Options));
        var time = JsonSerializer.Deserialize<DateTime>("\"2026-01-15T16:00:00+05:30\"", Options);
        Assert.Equal((new DateTime(2026, 1, 15, 10, 30, 0), DateTimeKind.Utc), (time, time.Kind));
    }

    [Theory]
    [InlineData("é")]
    [InlineData("ß'<>&+")]
    [InlineData("日本")]
    public void Text_is_written_as_it_is(string text) => Assert.Equal($"\"{text}\"", JsonSerializer.Serialize(text, Options));

    [Fact]
    public void What_JSON_asks_to_be_escaped_is_escaped() => Assert.Equal("\"\\\"\\\\\\n\\u0001\"", JsonSerializer.Serialize("\"\\\n\u0001", Options));

    [Fact]
    public void Names_are_snake_case() => Assert.Equal("""{"created_at":1}""", JsonSerializer.Serialize(new { CreatedAt = 1 }, Options));
}
