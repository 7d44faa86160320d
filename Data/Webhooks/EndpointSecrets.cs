using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Contracts;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Data.Webhooks;

/// <summary>
/// Encrypts endpoints' secrets for their columns, by ASP.NET Core's Data Protection, whose keys are in <c>data_protection_keys</c> and shared by all services:
/// a dump of the endpoints alone gives nobody a secret.
/// </summary>
/// <param name="protection">The services' own.</param>
public sealed class EndpointSecrets(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("webhook_endpoints.secret");

    /// <summary>Encrypts a secret. When the keys cannot be read it throws what the database throws, so that callers see that it is away.</summary>
    public string Protect(WebhookSecret secret)
    {
        try
        {
            return _protector.Protect(secret.Reveal());
        }
        catch (CryptographicException exception) when (exception.InnerException is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    /// <summary>Decrypts what <see cref="Protect"/> made.</summary>
    /// <exception cref="CryptographicException">The key with which it was encrypted is not there any more.</exception>
    public WebhookSecret Unprotect(string stored) => WebhookSecret.Parse(_protector.Unprotect(stored))
        ?? throw new CryptographicException("The stored text is not a webhook secret.");
}

/// <summary>Registers <see cref="EndpointSecrets"/>.</summary>
public static class EndpointSecretsFeature
{
    /// <summary>What services that share keys have in common: keys of another application do not decrypt ours.</summary>
    private const string Application = "aspirewebhooks";

    /// <summary>For a service with <see cref="WebhooksDatabase.AddWebhooksContext"/>.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="isMaker">Whether it makes keys: one that only decrypts takes those that are there.</param>
    public static void AddEndpointSecrets(this IHostApplicationBuilder builder, bool isMaker)
    {
        var protection = builder.Services.AddDataProtection().SetApplicationName(Application).PersistKeysToDbContext<WebhooksDbContext>();
        if (!isMaker) protection.DisableAutomaticKeyGeneration();
        builder.Services.AddSingleton<EndpointSecrets>();

        // It reads the keys when the service starts, and logs a page of stack when the database is not there yet; whoever needs them then says so in a line.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Critical);
    }
}
