using System.Globalization;
using System.Text;

namespace Portal.Web.Webhooks;

/// <summary>The points of a small chart's line.</summary>
internal static class SparkLine
{
    public const int Width = 100, Height = 36;

    // Room for half of the line's width.
    private const double Margin = 2;

    /// <summary>Points of an SVG polyline, from the left to the right; <paramref name="most"/> is at the top, 0 at the bottom.</summary>
    public static string Points(IReadOnlyList<long> values, long most)
    {
        var points = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            var x = values.Count == 1 ? 0 : (double)Width * i / (values.Count - 1);
            var y = Height - Margin - ((Height - (2 * Margin)) * values[i] / Math.Max(most, 1));
            points.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : " ")}{x:0.##},{y:0.##}");
        }

        return points.ToString();
    }
}
