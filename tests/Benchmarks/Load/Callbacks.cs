using System.Buffers;
using System.Globalization;
using System.Text;
using Benchmarks.Running;
using Contracts;

namespace Benchmarks.Load;

/// <summary>Callbacks of the bank, each for a payment of its own that waits for it.</summary>
internal static class Callbacks
{
    /// <summary>More than are answered in a second.</summary>
    private static int PreparedASecond(int connections) => connections switch { 1 => 1_000, 8 => 4_000, _ => 8_000 };

    private const string Secret = "development-webhook-secret-change-me"; // AppHost/appsettings.json

    /// <summary>Adds users, once, before the first round.</summary>
    public static Task AddUsersAsync(RunningSystem system, int users) => system.ExecuteAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"INSERT INTO users (email, api_key_hash) SELECT 'payer' || n || '@example.com', sha256(n::text::bytea) FROM generate_series(1, {users}) AS n"));

    /// <summary>Settles deposits of that many users, at random, as fast as they are answered.</summary>
    public static async Task<WrkReport> RunAsync(RunningSystem system, Uri url, int users, int connections, TimeSpan round)
    {
        var file = Path.Combine(Path.GetTempPath(), $"benchmark-{Environment.ProcessId}-callbacks.txt");
        await WriteAsync(system, users, PreparedASecond(connections) * (int)round.TotalSeconds, file);
        var report = (await Wrk.CallBackAsync(url, file, connections, round)).AllGood("callbacks");
        File.Delete(file);
        return report;
    }

    // Nobody but the callback is to do anything about them: their dates are tomorrow's.
    private static async Task WriteAsync(RunningSystem system, int users, int count, string file)
    {
        await using var command = system.Database.CreateCommand(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            WITH payers AS (SELECT array_agg(id ORDER BY id) AS ids FROM (SELECT id FROM users WHERE email LIKE 'payer%' ORDER BY id LIMIT {users}) AS chosen)
            INSERT INTO payments (user_id, type, status, amount, currency, due_at, next_publish_at)
            SELECT ids[1 + floor(random() * {users})], 'deposit', 'processing', 1, 'USD', now() + interval '1 d', now() + interval '1 d'
            FROM payers, generate_series(1, {count}) RETURNING id
            """));
        await using var row = await command.ExecuteReaderAsync();
        await using var lines = new StreamWriter(file);
        while (await row.ReadAsync())
        {
            var body = string.Create(
                CultureInfo.InvariantCulture,
                $"\"bank_reference\":\"DEP-0A1B2C3D4E5F\",\"error_message\":null,\"status\":\"success\",\"transaction_id\":{row.GetInt64(0)}");
            var text = new ArrayBufferWriter<byte>();
            BankSignature.TryCanonicalize(Encoding.UTF8.GetBytes($"{{{body}}}"), text, out _);
            await lines.WriteLineAsync($"{{{body},\"signature\":\"{BankSignature.Sign(Secret, text.WrittenSpan)}\"}}");
        }
    }
}
