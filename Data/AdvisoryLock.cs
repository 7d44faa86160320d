namespace Data;

/// <summary>The numbers that are locked in this database by <c>pg_advisory_lock</c>. All in one place, so that no two things wait for each other by taking the same.</summary>
public static class AdvisoryLock
{
    /// <summary>One migrates at a time.</summary>
    public const long Migration = 4_715_004_269;

    /// <summary>One worker of several checks the ledger at night.</summary>
    public const long LedgerCheck = 4_715_004_270;

    /// <summary>One adds the development users at a time.</summary>
    public const long Seed = 4_715_004_271;
}
