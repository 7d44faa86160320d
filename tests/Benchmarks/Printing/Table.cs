using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Benchmarks.Printing;

/// <summary>What is written to the file: everything that was printed, and on what.</summary>
internal sealed record Report(string Revision, DateTimeOffset MeasuredAt, int Processors, string Kernel, string Broker, IReadOnlyList<Row> Rows);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportJson : JsonSerializerContext;

/// <summary>Prints rows as they come in and all together at the end.</summary>
internal static class Table
{
    private static readonly CompositeFormat Format =
        CompositeFormat.Parse("{0,-10} {1,-34} {2,10} {3,-6} {4,10} {5,6} {6,8} {7,8}  {8,-20} {9}");

    public static string Head => Line("benchmark", "case", "figure", "unit", "limit", "ratio", "p50 ms", "p99 ms", "must", "");

    public static string Of(Row row) => Line(
        row.Benchmark, row.Case, Number(row.Value), row.Unit, Number(row.Limit), row.Ratio?.ToString("0.00", CultureInfo.InvariantCulture) ?? "",
        Number(row.P50Ms), Number(row.P99Ms), row.Must, row.Must == "" ? "" : row.IsMet ? "yes" : "NO");

    public static IEnumerable<string> Processes(Row row) => row.Processes.Select(process => string.Create(
        CultureInfo.InvariantCulture,
        $"             {process.Name,-18} {process.CpuSeconds,7:0.00} s of processor, "
        + $"peak {process.PeakMegabytes,5:0} MB, at the end {process.Megabytes,5:0} MB"));

    public static async Task WriteAsync(Report report, string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        await using var stream = File.Create(file);
        await JsonSerializer.SerializeAsync(stream, report, ReportJson.Default.Report);
    }

    private static string Number(double? value) => value switch
    {
        null => "",
        >= 1000 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    private static string Line(params object[] cells) => string.Format(CultureInfo.InvariantCulture, Format, cells).TrimEnd();
}
