namespace Data;

/// <summary>The keys of <c>pg_advisory_lock</c> in this database, in one place so that no two uses share a key.</summary>
public static class AdvisoryLock
{
    /// <summary>Held by the process that migrates.</summary>
    public const long Migration = 4_715_004_269;

    /// <summary>Held by the worker that makes the nightly check of the ledger.</summary>
    public const long LedgerCheck = 4_715_004_270;

    /// <summary>Held by the process that adds the development users.</summary>
    public const long Seed = 4_715_004_271;

    /// <summary>
    /// Held to the end of a transaction that gives events of webhooks their positions: so positions become visible in their order, and whoever reads on from
    /// one has missed none.
    /// </summary>
    public const long FanOut = 4_715_004_272;

    /// <summary>Held to the end of the transaction in which a starting service adds the endpoints that its configuration names.</summary>
    public const long ConfiguredEndpoints = 4_715_004_273;

    /// <summary>Held by the worker that looks whether workers are lost and work is overdue.</summary>
    public const long WatchWork = 4_715_004_274;
}
