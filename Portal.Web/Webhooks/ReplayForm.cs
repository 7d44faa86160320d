using System.Text.Json.Nodes;

namespace Portal.Web.Webhooks;

/// <summary>What the form of a replay sends.</summary>
internal sealed class ReplayForm
{
    /// <summary>The value of <see cref="Step"/> that sends; any other only counts.</summary>
    public const string Send = "send";

    /// <summary>What can be replayed, and how the page calls it.</summary>
    public static readonly IReadOnlyList<(string Value, string Text)> Choices =
    [
        ("missing", "what it never got"), ("failed", "what failed"), ("all", "both, and what it took already"),
    ];

    public string? Key { get; set; }
    public string? Since { get; set; }
    public string? Until { get; set; }
    public string? Only { get; set; }
    public string? Step { get; set; }

    /// <summary>What was counted, as <see cref="Asked"/> said it then.</summary>
    public string? Counted { get; set; }

    /// <summary>What is asked for, as one text: what is sent is what was counted, or it is counted again.</summary>
    public string Asked => $"{Since}|{Until}|{Only}";

    /// <summary>Whether this sends: it was asked to, and exactly this was counted before.</summary>
    public bool IsToSend => Step == Send && Counted == Asked;

    /// <summary>The body of the call.</summary>
    public JsonObject ToBody() => new()
    {
        ["since"] = UtcText.ToApi(Since),
        ["until"] = UtcText.ToApi(Until),
        ["only"] = Only,
        ["dry_run"] = !IsToSend,
    };
}
