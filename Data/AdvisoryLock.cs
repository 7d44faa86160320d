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
}
