using System.IO.Compression;
using System.Text;
using Ingest.Api.Tests.Users;

namespace Ingest.Api.Tests.Requests;

/// <summary>What every endpoint refuses before it looks into a body.</summary>
public sealed class BodyRefusalTests(UserService service) : IClassFixture<UserService>
{
    public static TheoryData<string> Paths =>
    [
        IngestService.Webhooks, "/webhooks/bank-callback", "/api/v1/auth/login", "/api/v1/users", "/api/v1/deposits", "/api/v1/withdrawals",
        "/admin/dead-letters/1/redrive", "/admin/dead-letters/redrive",
    ];

    [Theory, MemberData(nameof(Paths))]
    public async Task A_body_in_another_charset_is_415(string path)
    {
        foreach (var charset in (string[])["utf-16", "iso-8859-1", "\"utf-7\""])
            (await PostAsync(path, Encoding.Unicode.GetBytes("{}"), $"application/json; charset={charset}")).IsProblem(415, "unsupported_media_type");
    }

    [Theory, MemberData(nameof(Paths))]
    public async Task A_compressed_body_is_415(string path)
    {
        using var zipped = new MemoryStream();
        await using (var zip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true)) zip.Write("{}"u8);
        foreach (var encoding in (string[])["gzip", "br", "identity, gzip"])
            (await PostAsync(path, zipped.ToArray(), "application/json", encoding)).IsProblem(415, "unsupported_media_type");
    }

    [Theory, MemberData(nameof(Paths))]
    public async Task Another_media_type_is_415(string path) =>
        (await PostAsync(path, "{}"u8.ToArray(), "application/problem+json")).IsProblem(415, "unsupported_media_type");

    [Theory, MemberData(nameof(Paths))]
    public async Task UTF_8_by_any_of_its_names_and_the_identity_encoding_are_read(string path)
    {
        // Not JSON, so it was read as such, and no endpoint has anything to do.
        foreach (var type in (string[])["application/json", "application/json; charset=UTF-8", "Application/JSON; charset=\"utf-8\""])
            (await PostAsync(path, "{"u8.ToArray(), type, "identity")).IsProblem(400, "invalid_json");
    }

    [Theory]
    [InlineData("/api/v1/auth/login", """{"email":"a@b.c","email":"b@b.c","api_key":"x"}""", "email")]
    [InlineData("/api/v1/users", """{"email":"a@b.c","currency":"USD","currency":"EUR"}""", "currency")]
    [InlineData("/api/v1/users", """{"email":"a@b.c","note":1,"note":1}""", "note")]
    [InlineData("/admin/dead-letters/1/redrive", """{"key":"a","value":{"amount":1,"amount":2}}""", "value.amount")]
    [InlineData("/admin/dead-letters/redrive", """{"topic":"transactions","topic":"payments"}""", "topic")]
    [InlineData(
        IngestService.Webhooks,
        """{"transaction_id":"a","transaction_id":"a","source_account":"b","destination_account":"c","amount":1,"currency":"USD"}""",
        "transaction_id")]
    public async Task A_member_that_appears_twice_is_422_and_named(string path, string body, string member)
    {
        var problem = (await PostAsync(path, Encoding.UTF8.GetBytes(body))).IsProblem(422, "validation_failed");

        Assert.Contains("more than once", problem.GetProperty("errors").GetProperty(member)[0].GetString(), StringComparison.Ordinal);
    }

    private async Task<Answer> PostAsync(string path, byte[] body, string type = "application/json", string? encoding = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (encoding is not null) content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return await service.Ingest.SendAsync(
            HttpMethod.Post, path, content, ("X-API-Key", UserService.AdminKey), ("Idempotency-Key", "k"), ("X-Forwarded-For", service.NewAddress()));
    }
}
