namespace Sandbox.Bank;

/// <summary>How the bank behaves when it starts, and whom it calls back. Section <c>Bank</c>.</summary>
internal sealed class BankOptions
{
    public const string Section = "Bank";

    /// <summary>One of <see cref="Bank.Behaviour.All"/>.</summary>
    public string Behaviour { get; set; } = Bank.Behaviour.Normal;

    /// <summary>The part of the transfers that succeeds, 0 to 1.</summary>
    public double SuccessRate { get; set; } = 0.9;

    /// <summary>The shortest time that a transfer takes.</summary>
    public TimeSpan MinDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest time that a transfer takes.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Makes chance repeatable: the same transfers in the same order fare alike. Null: another chance in every run.</summary>
    public int? Seed { get; set; }

    /// <summary>Where callbacks go, when the transfer does not say it: a base address. Null: to <c>services__ingest-api__http__0</c>, which the AppHost sets.</summary>
    public Uri? CallbackUrl { get; set; }

    /// <summary>What callbacks are signed with: the environment variable <c>WEBHOOK_SECRET</c>. Set so, not by configuration of this section.</summary>
    public string Secret { get; set; } = "";

    /// <summary>How it starts.</summary>
    public Conduct Conduct => new(Behaviour, SuccessRate, MinDelay, MaxDelay);
}
