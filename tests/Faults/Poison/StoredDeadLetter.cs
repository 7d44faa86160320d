using System.Security.Cryptography;
using Faults.Running;

namespace Faults.Poison;

/// <summary>A row of dead_letters; of the body its SHA-256.</summary>
internal sealed record StoredDeadLetter(long Id, string Topic, int Partition, long Offset, string Reason, string Detail, byte[]? Key, byte[]? BodyHash)
{
    private const string Sql =
        """
        SELECT id, topic, partition, "offset", reason, detail, key, sha256(value) FROM dead_letters WHERE id > $1 ORDER BY id
        """;

    /// <summary>Where it was read.</summary>
    public (string Topic, int Partition, long Offset) Origin => (Topic, Partition, Offset);

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
                row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3), row.GetString(4), row.GetString(5),
                await row.IsDBNullAsync(6, stop) ? null : row.GetFieldValue<byte[]>(6),
                await row.IsDBNullAsync(7, stop) ? null : row.GetFieldValue<byte[]>(7)));
        }

        return letters;
    }

    /// <summary>What is not as it should be: each poison record must be there once, with its reason, sentence, key and body, and nothing else.</summary>
    public static IEnumerable<string> Violations(IReadOnlyList<PoisonRecord> poison, IReadOnlyList<StoredDeadLetter> letters)
    {
        var byOrigin = letters.ToLookup(letter => letter.Origin);
        foreach (var record in poison)
        {
            var found = byOrigin[record.Place].ToList();
            if (found.Count != 1) yield return $"{record} is {found.Count} times in the dead letters.";
            else if (found[0].Reason != record.Reason) yield return $"{record} is there as {found[0].Reason} ({found[0].Detail}), not as {record.Reason}.";
            else if (found[0].HasNoSentence) yield return $"{record} is there without a sentence of its own: {found[0].Detail}";
            else if (!found[0].IsWhole(record)) yield return $"{record} is there with another key or body.";
        }

        var places = poison.Select(record => record.Place).ToHashSet();
        foreach (var stranger in letters.Where(letter => !places.Contains(letter.Origin))) yield return $"{stranger} is there and was no poison.";
    }

    // The second: what the worker writes when PostgreSQL refuses the sentence, for which the record alone is no reason.
    private bool HasNoSentence => Detail == "" || Detail.StartsWith("The database refused", StringComparison.Ordinal);

    private bool IsWhole(PoisonRecord record) =>
        (Key ?? []).SequenceEqual(record.Message.Key ?? []) && (Key is null == record.Message.Key is null)
        && (BodyHash ?? []).SequenceEqual(record.KeptBody is { } body ? SHA256.HashData(body) : []);
}
