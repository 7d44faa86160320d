using System.Data.Common;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ServiceDefaults.Problems;

/// <summary>What an exception of a database statement means for the request.</summary>
public enum DatabaseFault
{
    /// <summary>No fault of the database, or a statement that it refuses: our mistake. 500, and not tried again.</summary>
    None,

    /// <summary>The server undid the transaction, and the same again can succeed: a serialization failure (40001) or a deadlock (40P01).</summary>
    RolledBack,

    /// <summary>
    /// A prepared statement whose result type a migration has changed ("cached plan must not change result type", 0A000). Every connection of the pool that has
    /// prepared it fails once; on a new connection it works. None of our statements gets 0A000 for another reason.
    /// </summary>
    StalePlan,

    /// <summary>
    /// The connection is gone (08xxx, 57P01-57P05, 25P03, or broken below). A new connection may work at once: after a restart every pooled one fails once.
    /// </summary>
    ConnectionLost,

    /// <summary>
    /// The server takes no writes (25006): a demoted primary, or one set to read only. The pool's connections stay connected to it, so they are to be dropped:
    /// a new connection goes where the host's name or target_session_attributes leads now.
    /// </summary>
    ReadOnly,

    /// <summary>
    /// It cannot answer at the moment, and trying at once again does not help: cancelled (57014), out of resources (53xxx), a lock not to be had (55P03), an
    /// I/O error (58xxx), no access (28xxx), a database that takes no connections (55000) or is not there (3D000, 57P04), no answer in time, or something else
    /// answers at its address (a proxy or a load balancer speaks for a server that restarts: "unknown response H", of HTTP, in a cluster).
    /// </summary>
    Unavailable,
}

/// <summary>
/// Decides what a database's exception means, for all services. By SQLSTATE, <see href="https://www.postgresql.org/docs/current/errcodes-appendix.html"/>, and
/// for what fails without one by what lies below.
/// </summary>
public static class DatabaseFaults
{
    /// <summary>Classifies an exception.</summary>
    public static DatabaseFault Of(Exception exception) => exception switch
    {
        DbException { SqlState: { } state } => OfState(state),
        InvalidOperationException { InnerException: DbException inner } => Of(inner), // EF Core wraps a transient failure so.
        CryptographicException { InnerException: { } inner } => Of(inner), // Data Protection, whose keys are in the database: a page with a form needs them.
        TimeoutException or DbException { InnerException: TimeoutException } => DatabaseFault.Unavailable,
        SocketException => DatabaseFault.ConnectionLost, // A host name that cannot be resolved.
        DbException { IsTransient: true } or DbException { InnerException: IOException or SocketException } => DatabaseFault.ConnectionLost,
        DbException => DatabaseFault.Unavailable, // No SQLSTATE: no statement was refused, the driver did not get through to a PostgreSQL.
        _ => DatabaseFault.None,
    };

    /// <summary>
    /// Whether the same work, begun anew, may succeed at once. None of what the failed try did is left in the database, unless its commit was under way.
    /// </summary>
    public static bool IsWorthAnotherTry(Exception exception) =>
        Of(exception) is DatabaseFault.RolledBack or DatabaseFault.StalePlan or DatabaseFault.ConnectionLost or DatabaseFault.ReadOnly;

    /// <summary>Whether the pool's other connections have the same fault and are to be dropped.</summary>
    public static bool IsOfAllConnections(Exception exception) =>
        Of(exception) is DatabaseFault.StalePlan or DatabaseFault.ConnectionLost or DatabaseFault.ReadOnly;

    /// <summary>
    /// Whether a COMMIT that threw this may have been carried out. An error that the server answers with means that it was rolled back; without an answer, or
    /// when the server ended the connection instead of answering, nobody here knows.
    /// </summary>
    public static bool LeavesCommitUnknown(Exception exception) => exception switch
    {
        DbException { SqlState: { } state } => OfState(state) == DatabaseFault.ConnectionLost,
        DbException or TimeoutException or IOException or SocketException or OperationCanceledException => true,
        _ => false,
    };

    private static DatabaseFault OfState(string state) => state switch
    {
        "40001" or "40P01" => DatabaseFault.RolledBack,
        "0A000" => DatabaseFault.StalePlan,
        "25006" => DatabaseFault.ReadOnly,
        "57P01" or "57P02" or "57P03" or "57P05" or "25P03" or ['0', '8', ..] => DatabaseFault.ConnectionLost,
        "57014" or "57P04" or "55P03" or "55000" or "3D000" or ['5', '3', ..] or ['5', '8', ..] or ['2', '8', ..] => DatabaseFault.Unavailable,
        _ => DatabaseFault.None,
    };
}

/// <summary>A commit broke off without an answer: whether it was carried out is not known. Answered 503 <c>outcome_unknown</c>.</summary>
/// <param name="hasKey">The request has an Idempotency-Key, with which it can be repeated safely.</param>
/// <param name="inner">What broke it off.</param>
public sealed class CommitOutcomeUnknownException(bool hasKey, Exception inner) : Exception("The connection to the database broke during a commit.", inner)
{
    /// <summary>Whether the request can be repeated safely, with the same Idempotency-Key.</summary>
    public bool HasKey => hasKey;
}
