namespace Portal.Web.Operator.Overview;

/// <summary>A point of a chart.</summary>
/// <param name="At">Its bucket's begin, UTC.</param>
/// <param name="Count">How many there were.</param>
/// <param name="Failed">How many of them failed.</param>
public sealed record ChartPoint(DateTime At, double Count, double Failed);
