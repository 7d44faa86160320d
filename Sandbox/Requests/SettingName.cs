namespace Sandbox.Requests;

/// <summary>A behaviour is set by JSON while the sandbox runs, and by settings when it starts. This names the setting of a JSON member.</summary>
internal static class SettingName
{
    /// <summary><c>Bank__SuccessRate</c> for <c>success_rate</c> of section <c>Bank</c>.</summary>
    public static string Of(string section, string member) =>
        $"{section}__{string.Concat(member.Split('_').Select(word => $"{char.ToUpperInvariant(word[0])}{word[1..]}"))}";
}
