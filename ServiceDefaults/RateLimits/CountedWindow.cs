using System.Security.Cryptography;
using System.Text;

namespace ServiceDefaults.RateLimits;

/// <summary>One window that requests are counted in.</summary>
/// <param name="Policy">Which limit it is: <c>balance</c>.</param>
/// <param name="Subject">Whose: <c>user:1</c>; empty for everybody's.</param>
/// <param name="Limit">How many it lets through.</param>
/// <param name="Length">In which stretch of time.</param>
internal readonly record struct CountedWindow(string Policy, string Subject, int Limit, TimeSpan Length)
{
    /// <summary>The name it is counted under.</summary>
    public string Key => $"{Policy}:{Subject}";

    public static CountedWindow Of(string policy, string subject, RateLimitRule rule) => new(policy, subject, rule.Limit, rule.Window);

    /// <summary>For what must not be read from Redis: keys, e-mails, addresses. 128 bits keep any two apart.</summary>
    public static string Hashed(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)).AsSpan(0, 16));
}

/// <summary>How a window stands once a request has been put to it.</summary>
/// <param name="Limit">How many it lets through.</param>
/// <param name="Count">How many it holds.</param>
/// <param name="UntilFree">When its next place is free: the time until the one that holds it leaves the window; 0 for an empty one.</param>
internal readonly record struct WindowState(int Limit, int Count, TimeSpan UntilFree)
{
    public int Remaining => Math.Max(0, Limit - Count);
}

/// <summary>What became of a request: let through only when each of its windows had room, and then counted in each; else in none.</summary>
internal sealed record Counted(bool IsAdmitted, WindowState[] Windows);
