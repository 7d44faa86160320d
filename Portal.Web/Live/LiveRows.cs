namespace Portal.Web.Live;

/// <summary>
/// The rows that a page shows of a list that is newest first. What is shown stays where it is: a row that changed is replaced in place, rows that are new are
/// counted until the reader asks for them, and one that has left the list is marked and stays. Nothing jumps under a pointer.
/// </summary>
/// <param name="idOf">A row's id.</param>
internal sealed class LiveRows<TRow>(Func<TRow, string> idOf)
{
    private readonly HashSet<string> _gone = [];
    private IReadOnlyList<TRow> _latest = [];

    /// <summary>What is shown.</summary>
    public IReadOnlyList<TRow> Shown { get; private set; } = [];

    /// <summary>How many rows are new above those that are shown.</summary>
    public int NewCount { get; private set; }

    /// <summary>Whether a row that is shown has left the list: it was deleted, or the filter does not fit it any more.</summary>
    public bool IsGone(TRow row) => _gone.Contains(idOf(row));

    /// <summary>Shows these rows, from the top.</summary>
    public void Show(IReadOnlyList<TRow> rows)
    {
        (Shown, _latest, NewCount) = (rows, rows, 0);
        _gone.Clear();
    }

    /// <summary>Takes the list as it is now.</summary>
    public void Take(IReadOnlyList<TRow> rows)
    {
        _latest = rows;
        if (Shown.Count == 0)
        {
            Show(rows);
            return;
        }

        var byId = new Dictionary<string, TRow>(StringComparer.Ordinal);
        foreach (var row in rows) byId[idOf(row)] = row;
        var shown = Shown.Select(idOf).ToHashSet(StringComparer.Ordinal);
        NewCount = rows.TakeWhile(row => !shown.Contains(idOf(row))).Count();
        MarkGone(byId);
        Shown = [.. Shown.Select(row => byId.GetValueOrDefault(idOf(row)) ?? row)];
    }

    /// <summary>Shows what is new.</summary>
    public void ShowNew() => Show(_latest);

    // A row that is missing at the end was pushed out by new ones and is only older; one that is missing before a row that is still there has left the list.
    private void MarkGone(Dictionary<string, TRow> byId)
    {
        _gone.Clear();
        var last = Shown.Count - 1;
        while (last >= 0 && !byId.ContainsKey(idOf(Shown[last]))) last--;
        if (last < 0 && NewCount == 0) last = Shown.Count - 1;
        for (var i = 0; i <= last; i++)
            if (!byId.ContainsKey(idOf(Shown[i]))) _gone.Add(idOf(Shown[i]));
    }
}
