using System.Buffers;
using System.Text;

namespace Ingest.Api.Transactions;

/// <summary>
/// 202 <c>{"status":"accepted","transaction_id":"...","duplicate":false}</c>, written as bytes around the id: none of an id's characters
/// needs escaping in JSON.
/// </summary>
internal sealed record AcceptedResult(string TransactionId, bool IsDuplicate) : IResult
{
    private static ReadOnlySpan<byte> Head => """{"status":"accepted","transaction_id":" """u8[..^1];

    private static ReadOnlySpan<byte> NewTail => "\",\"duplicate\":false}"u8;

    private static ReadOnlySpan<byte> DuplicateTail => "\",\"duplicate\":true}"u8;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status202Accepted;
        response.ContentType = "application/json";
        response.ContentLength = Head.Length + TransactionId.Length + (IsDuplicate ? DuplicateTail : NewTail).Length;
        Write(response.BodyWriter);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }

    private void Write(IBufferWriter<byte> writer)
    {
        writer.Write(Head);
        Encoding.ASCII.GetBytes(TransactionId, writer);
        writer.Write(IsDuplicate ? DuplicateTail : NewTail);
    }
}
