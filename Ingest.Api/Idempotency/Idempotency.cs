using Microsoft.OpenApi;
using ServiceDefaults.OpenApi;

namespace Ingest.Api.Idempotency;

/// <summary>The room's door.</summary>
internal static class Idempotency
{
    public static void AddIdempotency(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<IdempotencyOptions>().BindConfiguration(IdempotencyOptions.Section)
            .Validate(o => Enum.IsDefined(o.OnMismatch), "Idempotency__OnMismatch must be Refuse or Replay.")
            .Validate(o => o.Lifetime >= TimeSpan.FromMinutes(1) && o.Lifetime <= TimeSpan.FromDays(30), "Idempotency__Lifetime must be between 00:01:00 and 30.00:00:00.")
            .Validate(o => o.Patience >= TimeSpan.FromMilliseconds(1) && o.Patience <= TimeSpan.FromSeconds(30), "Idempotency__Patience must be between 00:00:00.001 and 00:00:30.")
            .Validate(o => o.MaxConcurrency is >= 1 and <= 1000, "Idempotency__MaxConcurrency must be between 1 and 1000 requests.")
            .ValidateOnStart();
        builder.Services.AddSingleton<IdempotencyFilter>();
    }

    /// <summary>Asks for an Idempotency-Key and does the endpoint's work once for each. The endpoint must ask for a user.</summary>
    public static RouteHandlerBuilder Idempotent(this RouteHandlerBuilder endpoint, IServiceProvider services) => endpoint
        .AddEndpointFilter(services.GetRequiredService<IdempotencyFilter>())
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "Idempotency-Key",
                In = ParameterLocation.Header,
                Required = true,
                Description = "Your name for this request, 1-255 visible ASCII characters: the same one again gets the same answer and does nothing more, for 24 hours.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
                Example = "9b2f6c1e-order-1042",
            });
            return Task.CompletedTask;
        })
        .Fails(StatusCodes.Status409Conflict, "A request with this Idempotency-Key is still being worked on; send it again in a moment.");
}
