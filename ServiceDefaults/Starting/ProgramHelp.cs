namespace ServiceDefaults.Starting;

/// <summary>What <c>--help</c> prints.</summary>
public static class ProgramHelp
{
    /// <summary>Prints the help when the arguments ask for it. Then the program ends with 0.</summary>
    /// <param name="args">The program's arguments.</param>
    /// <param name="text">What the program does, its commands and the settings that it needs.</param>
    /// <returns>Whether it was asked for.</returns>
    public static bool IsPrinted(string[] args, string text)
    {
        if (!args.Any(argument => argument is "--help" or "-h")) return false;
        Console.Out.WriteLine(text);
        Console.Out.WriteLine();
        Console.Out.WriteLine(
            "Settings are environment variables, such as Section__Name=value; docs/settings.md lists all. `dotnet run --project AppHost` starts everything.");
        return true;
    }
}
