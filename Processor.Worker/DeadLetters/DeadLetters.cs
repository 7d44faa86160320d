namespace Processor.Worker.DeadLetters;

internal static class DeadLetters
{
    public static void AddDeadLetters(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DeadLetterTopic>();
        builder.Services.AddSingleton<DeadLetterWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DeadLetterWriter>());
    }
}
