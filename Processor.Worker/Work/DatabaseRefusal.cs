using Npgsql;

namespace Processor.Worker.Work;

/// <summary>
/// Tells a database that is away from one that refuses a statement for what is in it. Away: wait and try again without a limit, pass nothing, since every
/// record would fail. Refused: only these records fail, so they are separated, and one that fails alone <see cref="MaxAttempts"/> times is put aside as a
/// dead letter.
/// </summary>
internal static class DatabaseRefusal
{
    /// <summary>How often a single record is tried.</summary>
    public const int MaxAttempts = 3;

    /// <summary>
    /// True for SQLSTATE classes 21, 22, 23 and 54: the number, form, size or consistency of the values, and for P0: what a trigger raises. True for an
    /// exception that is not the database's, too: code that fails on this record. False for everything else that PostgreSQL, the connection or a stop reports
    /// (08, 25 read-only, 40 deadlock, 42 schema not migrated, 53 resources, 57 shutdown).
    /// </summary>
    public static bool IsRefusal(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState[..2] is "21" or "22" or "23" or "54" or "P0",
        NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException
            or OperationCanceledException or ObjectDisposedException => false,
        _ => true,
    };

    /// <summary>The reason without the values, which may be what was refused.</summary>
    public static string Describe(Exception exception) => exception is PostgresException postgres
        ? $"PostgreSQL refused it: {postgres.SqlState} {postgres.MessageText}"
        : $"{exception.GetType().Name}: {exception.Message}";
}
