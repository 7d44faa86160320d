using System.Reflection;

namespace Contracts.Tests;

public class TopicsTests
{
    private static readonly IReadOnlyList<string> Constants = TextsOf(typeof(Topics));

    [Fact]
    public void All_names_every_topic_once() => Assert.Equal(Constants.Order(), Topics.All.Order());

    [Fact]
    public void Names_are_legal_in_Kafka() => Assert.All(Topics.All, topic => Assert.Matches("^[a-z0-9.-]{1,249}$", topic));

    [Fact]
    public void Every_dead_letter_topic_is_that_of_another_topic() => Assert.All(
        Topics.All.Where(topic => topic.EndsWith(".dlq", StringComparison.Ordinal)),
        topic => Assert.Contains(topic[..^".dlq".Length], Topics.All));

    [Fact]
    public void No_two_headers_have_one_name() => Assert.Distinct(TextsOf(typeof(MessageHeaders)));

    private static List<string> TextsOf(Type type) =>
        [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => f.GetRawConstantValue()).OfType<string>()];
}
