using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;

namespace Query.Api.Transactions;

/// <summary>
/// 200 with an array of one, its length said beforehand: written piece by piece it goes out in chunks, and a client knows only at the last one
/// that it has everything.
/// </summary>
internal sealed class FoundTransaction(TransactionReply transaction) : IResult, IEndpointMetadataProvider
{
    private const string Json = "application/json";

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(TransactionReply[]), [Json]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes([transaction], TransactionJson.Default.TransactionReplyArray);
        httpContext.Response.ContentType = $"{Json}; charset=utf-8";
        httpContext.Response.ContentLength = body.Length;
        await httpContext.Response.BodyWriter.WriteAsync(body, httpContext.RequestAborted);
    }
}
