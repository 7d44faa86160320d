using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Benchmarks.Load;

/// <summary>pgbench, PostgreSQL's own load generator: what the server gives to the least that could be done.</summary>
internal sealed class Pgbench : IDisposable
{
    private const string Table = "CREATE TABLE IF NOT EXISTS one_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, value text NOT NULL)";
    private const string Insert = "INSERT INTO one_row (value) VALUES ('abcdefghijklmnop');";

    private readonly NpgsqlConnectionStringBuilder _database;
    private readonly string _script = Path.GetTempFileName();

    public Pgbench(NpgsqlConnectionStringBuilder database)
    {
        _database = database;
        File.WriteAllText(_script, Insert);
    }

    public static string Statement => Table;

    /// <summary>One-row inserts a second, a transaction each, prepared, over 32 connections.</summary>
    public async Task<double> InsertAsync(TimeSpan round)
    {
        var start = new ProcessStartInfo(Program)
        {
            ArgumentList =
            {
                "-h", _database.Host!, "-p", $"{_database.Port}", "-U", _database.Username!, "-n", "-M", "prepared", "-c", "32", "-j", "2",
                "-T", $"{(int)round.TotalSeconds}", "-f", _script, _database.Database!,
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PGPASSWORD"] = _database.Password },
        };
        using var pgbench = Process.Start(start)!;
        var (output, errors) = (pgbench.StandardOutput.ReadToEndAsync(), pgbench.StandardError.ReadToEndAsync());
        await pgbench.WaitForExitAsync();
        var rate = (await output).Split('\n').FirstOrDefault(line => line.StartsWith("tps = ", StringComparison.Ordinal));
        if (pgbench.ExitCode != 0 || rate is null) throw new BenchmarkException($"pgbench ended with {pgbench.ExitCode}: {await errors}");
        return double.Parse(rate.Split(' ')[2], CultureInfo.InvariantCulture);
    }

    public void Dispose() => File.Delete(_script);

    private static string Program => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateFiles("/usr/lib/postgresql", "pgbench", SearchOption.AllDirectories).Order(StringComparer.Ordinal).LastOrDefault() ?? "pgbench"
        : "pgbench";
}
