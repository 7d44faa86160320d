using Contracts;

namespace Data.Workers;

/// <summary>A table whose rows are work for the workers, and how to see that they are behind. Each capability adds its own to <see cref="All"/>.</summary>
/// <param name="Name">The table's name.</param>
/// <param name="Topic">The topic of its records.</param>
/// <param name="IsCritical">Whether work that is far behind makes /health/worker UNHEALTHY; otherwise DEGRADED.</param>
/// <param name="Overdue">
/// Returns one row: how many rows are due and nobody has taken, up to <see cref="MaxCounted"/>, and for how many seconds the oldest of them. It reads no more
/// rows than it counts, however many are open: it runs every two seconds.
/// </param>
public sealed record WorkTable(string Name, string Topic, bool IsCritical, string Overdue)
{
    /// <summary>The most rows that are counted as overdue.</summary>
    public const int MaxCounted = 10_000;

    /// <summary>Transactions. Their records wait in the workers' memory; a row is overdue once the relay has to publish it again.</summary>
    private static WorkTable Transactions { get; } = new(
        "transactions", Topics.Transactions, IsCritical: true,
        $"""
        SELECT count(*)::int, coalesce(extract(epoch FROM now() - min(next_publish_at)), 0)::float8 FROM (
            SELECT next_publish_at FROM transactions WHERE status = 'PROCESSING' AND next_publish_at <= now()
            ORDER BY next_publish_at LIMIT {MaxCounted}) AS overdue
        """);

    /// <summary>
    /// Payments. A slow bank makes them late without a fault of the workers. Those that are due are among the first that the relay would publish, so a bounded
    /// part of its index is enough.
    /// </summary>
    private static WorkTable Payments { get; } = new(
        "payments", Topics.Payments, IsCritical: false,
        $"""
        SELECT count(*)::int, coalesce(extract(epoch FROM now() - min(due_at)), 0)::float8 FROM (
            SELECT due_at FROM payments WHERE processed_at IS NULL ORDER BY next_publish_at LIMIT {MaxCounted}) AS first
        WHERE due_at <= now()
        """);

    /// <summary>Every table of work.</summary>
    public static IReadOnlyList<WorkTable> All { get; } = [Transactions, Payments];
}
