namespace Processor.Worker.DeadLetters;

/// <summary>Dead letters of every topic.</summary>
internal static class DeadLettersFeature
{
    public static void AddDeadLetters(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DeadLetterTopic>();
        builder.Services.AddSingleton<DeadLetterWriter>();
    }
}
