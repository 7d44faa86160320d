namespace Benchmarks.Running;

/// <summary>Transactions that were processed long ago, made by SQL.</summary>
internal static class Rows
{
    /// <summary>A statement's: the trigger of transactions is handed all that it inserts.</summary>
    private const int Step = 1_000_000;

    /// <summary>Rows number <paramref name="from"/> to <paramref name="to"/>, their ids all over the key space as Load/read.lua asks for them.</summary>
    public static async Task FillAsync(this RunningSystem system, int from, int to)
    {
        for (var first = from; first <= to; first += Step) await system.InsertAsync(first, Math.Min(first + Step - 1, to));
        await system.ExecuteAsync("VACUUM (ANALYZE) transactions");
        await system.ExecuteAsync("CHECKPOINT");
    }

    private static Task InsertAsync(this RunningSystem system, int from, int to) => system.ExecuteAsync(
        $"""
        INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, status, created_at, processed_at, next_publish_at)
        SELECT 'txn_' || lpad(to_hex(n::bigint * 650000011 % 4294967296), 8, '0') || '000000000',
            'acc_user_' || lpad((n % 10007)::text, 5, '0'), 'acc_merchant_' || lpad((n % 101)::text, 3, '0'),
            150.50, 'USD', 'PROCESSED', made, made + interval '30 s', made + interval '60 s'
        FROM (SELECT n, now() - interval '30 d' + n * interval '10 ms' AS made FROM generate_series({from}, {to}) AS n) AS rows
        """);
}
