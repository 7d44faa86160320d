using System.Security.Cryptography;
using System.Text;

namespace ServiceDefaults.RateLimits;

/// <summary>A window in which requests are counted.</summary>
/// <param name="Policy">The limit, such as <c>balance</c>.</param>
/// <param name="Subject">Whose requests: <c>user:1</c>; empty for those of all callers.</param>
/// <param name="Limit">The number of requests that it admits.</param>
/// <param name="Length">In any period of this length.</param>
internal readonly record struct CountedWindow(string Policy, string Subject, int Limit, TimeSpan Length)
{
    /// <summary>The key under which it is counted.</summary>
    public string Key => $"{Policy}:{Subject}";

    public static CountedWindow Of(string policy, string subject, RateLimitRule rule) => new(policy, subject, rule.Limit, rule.Window);

    /// <summary>For subjects that must not be readable in Redis: keys, e-mails, addresses. 128 bits are enough to tell them apart.</summary>
    public static string Hashed(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)).AsSpan(0, 16));
}

/// <summary>The state of a window after a request.</summary>
/// <param name="Limit">The number of requests that it admits.</param>
/// <param name="Count">The number of requests that it holds.</param>
/// <param name="UntilFree">The time until its next place is free, when an entry leaves the window; 0 for an empty window.</param>
internal readonly record struct WindowState(int Limit, int Count, TimeSpan UntilFree)
{
    public int Remaining => Math.Max(0, Limit - Count);
}

/// <summary>The result for a request: admitted when each of its windows had room, and then counted in each; otherwise in none.</summary>
internal sealed record Counted(bool IsAdmitted, WindowState[] Windows);
