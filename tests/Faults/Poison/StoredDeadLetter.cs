using System.Security.Cryptography;
using Faults.Running;

namespace Faults.Poison;

/// <summary>A row of dead_letters that came from the topic transactions; of the body its SHA-256.</summary>
internal sealed record StoredDeadLetter(long Id, int Partition, long Offset, string Reason, string Detail, byte[]? Key, byte[]? BodyHash)
{
    private const string Sql =
        """
        SELECT id, partition, "offset", reason, detail, key, sha256(value) FROM dead_letters WHERE topic = 'transactions' AND id > $1 ORDER BY id
        """;

    /// <summary>Those that came after the one with that id.</summary>
    public static async Task<IReadOnlyList<StoredDeadLetter>> ReadAllAsync(RunningSystem system, long last, CancellationToken stop)
    {
        await using var command = system.Database.CreateCommand(Sql);
        command.Parameters.AddWithValue(last);
        await using var row = await command.ExecuteReaderAsync(stop);
        var letters = new List<StoredDeadLetter>();
        while (await row.ReadAsync(stop))
        {
            letters.Add(new StoredDeadLetter(
                row.GetInt64(0), row.GetInt32(1), row.GetInt64(2), row.GetString(3), row.GetString(4),
                await row.IsDBNullAsync(5, stop) ? null : row.GetFieldValue<byte[]>(5),
                await row.IsDBNullAsync(6, stop) ? null : row.GetFieldValue<byte[]>(6)));
        }

        return letters;
    }

    /// <summary>What is not as it should be: each poison record must be there once, with its reason, key and body, and nothing else.</summary>
    public static IEnumerable<string> Violations(IReadOnlyList<PoisonRecord> poison, IReadOnlyList<StoredDeadLetter> letters)
    {
        var byOrigin = letters.ToLookup(letter => (letter.Partition, letter.Offset));
        foreach (var record in poison)
        {
            var found = byOrigin[(record.Origin.Partition.Value, record.Origin.Offset.Value)].ToList();
            if (found.Count != 1) yield return $"{record} is {found.Count} times in the dead letters.";
            else if (found[0].Reason != record.Reason || found[0].Detail == "")
                yield return $"{record} is there as {found[0].Reason} ({found[0].Detail}), not as {record.Reason}.";
            else if (!found[0].IsWhole(record)) yield return $"{record} is there with another key or body.";
        }

        var origins = poison.Select(record => (record.Origin.Partition.Value, record.Origin.Offset.Value)).ToHashSet();
        foreach (var stranger in letters.Where(letter => !origins.Contains((letter.Partition, letter.Offset))))
            yield return $"{stranger} is there and was no poison.";
    }

    private bool IsWhole(PoisonRecord record) =>
        (Key ?? []).SequenceEqual(record.Message.Key ?? []) && (Key is null == record.Message.Key is null)
        && (BodyHash ?? []).SequenceEqual(record.KeptBody is { } body ? SHA256.HashData(body) : []);
}
