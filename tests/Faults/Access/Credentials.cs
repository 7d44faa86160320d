using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Faults.Access;

/// <summary>The keys and secrets of one system, and wrong ones that look the same; all from the seed.</summary>
internal sealed class Credentials(Random random)
{
    private readonly List<string> _signatures = [];

    public string Key { get; } = NewKey(random, "key");

    public string AdminKey { get; } = NewKey(random, "admin");

    /// <summary>Somebody else's, or one of yesterday.</summary>
    public string WrongKey { get; } = NewKey(random, "wrong");

    /// <summary>Two are in use at a time: this is how one is replaced.</summary>
    public string OldSecret { get; } = NewSecret(random, 24);

    public string NewestSecret { get; } = NewSecret(random, 32);

    /// <summary>Taken out of use.</summary>
    public string FormerSecret { get; } = NewSecret(random, 32);

    /// <summary>For the AppHost.</summary>
    public string[] Arguments => [$"--Parameters:admin-key={AdminKey}"];

    /// <summary>For its services.</summary>
    public IEnumerable<(string Name, string Value)> Settings =>
    [
        ("Auth__ApiKeys__0", Key), ("WebhookSignature__Secrets__0", OldSecret), ("WebhookSignature__Secrets__1", NewestSecret),
    ];

    /// <summary>
    /// What must be seen nowhere: also what somebody sent that was wrong, which is often right elsewhere, and signatures, which are good for five minutes.
    /// </summary>
    public IEnumerable<Secret> All =>
    [
        new("the API key", Key), new("the admin key", AdminKey), new("a wrong key", WrongKey), new("the old webhook secret", OldSecret),
        new("the new webhook secret", NewestSecret), new("the former webhook secret", FormerSecret),
        .. _signatures.Select(text => new Secret("a signature", text)),
    ];

    /// <summary>Header lines by Standard Webhooks: https://www.standardwebhooks.com.</summary>
    public string Sign(string secret, string body, DateTimeOffset at)
    {
        var (id, time) = ($"msg_{_signatures.Count}", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        _signatures.Add(Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{time}.{body}"))));
        return $"webhook-id: {id}\r\nwebhook-timestamp: {time}\r\nwebhook-signature: v1,{_signatures[^1]}\r\n";
    }

    private static string NewKey(Random random, string name) => $"{name}-{Convert.ToHexStringLower(Bytes(random, 20))}";

    private static string NewSecret(Random random, int bytes) => $"whsec_{Convert.ToBase64String(Bytes(random, bytes))}";

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
