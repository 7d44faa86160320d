using System.Security.Cryptography;
using Contracts;
using Data.Webhooks;
using Microsoft.AspNetCore.DataProtection;

namespace Data.Tests.Webhooks;

public class EndpointSecretsTests
{
    private static readonly WebhookSecret Secret = WebhookSecret.New(key => key.Fill(7));

    [Fact]
    public void A_secret_is_stored_encrypted_and_read_again()
    {
        var secrets = new EndpointSecrets(new EphemeralDataProtectionProvider());

        var stored = secrets.Protect(Secret);

        Assert.DoesNotContain("BwcHBwcH", stored, StringComparison.Ordinal);
        Assert.Equal(Secret.Reveal(), secrets.Unprotect(stored).Reveal());
        Assert.Throws<CryptographicException>(() => new EndpointSecrets(new EphemeralDataProtectionProvider()).Unprotect(stored));
    }

    [Fact]
    public void Keys_that_cannot_be_read_are_the_databases_fault() =>
        Assert.Throws<TimeoutException>(() => new EndpointSecrets(new NoKeys()).Protect(Secret));

    private sealed class NoKeys : IDataProtectionProvider, IDataProtector
    {
        public IDataProtector CreateProtector(string purpose) => this;

        public byte[] Protect(byte[] plaintext) => throw new CryptographicException("An error occurred.", new TimeoutException("The database is away."));

        public byte[] Unprotect(byte[] protectedData) => throw new CryptographicException("An error occurred.");
    }
}
