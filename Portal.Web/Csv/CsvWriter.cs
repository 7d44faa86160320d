using System.Buffers;
using System.Text;

namespace Portal.Web.Csv;

/// <summary>
/// Writes rows of comma-separated values (RFC 4180, UTF-8) as they come; nothing is held but a buffer. The mark at the begin tells spreadsheets that it is
/// UTF-8. What others wrote is in the cells: none of them is taken for a formula (<see cref="Cell"/>).
/// </summary>
internal sealed class CsvWriter(Stream stream) : IAsyncDisposable
{
    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create("\",\r\n\t; ");
    private readonly StreamWriter _text = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true) { NewLine = "\r\n" };

    /// <summary>
    /// A cell as it stands in the file. One that begins with = + - @, a tab or a carriage return would be run as a formula by a spreadsheet: an apostrophe
    /// before it makes it a text. Then quotes, where it has a comma, a quote, a space or an end of line in it.
    /// </summary>
    public static string Cell(string? value)
    {
        if (string.IsNullOrEmpty(value)) return "";
        var safe = value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? $"'{value}" : value;
        return safe.AsSpan().ContainsAny(NeedsQuotes) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    /// <summary>Writes a row.</summary>
    public Task WriteRowAsync(IEnumerable<string?> cells, CancellationToken cancellationToken) =>
        _text.WriteLineAsync(string.Join(',', cells.Select(Cell)).AsMemory(), cancellationToken);

    /// <summary>Sends on what is buffered.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _text.FlushAsync(cancellationToken);

    public ValueTask DisposeAsync() => _text.DisposeAsync();
}
