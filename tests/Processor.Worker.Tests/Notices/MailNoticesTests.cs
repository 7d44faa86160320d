using Microsoft.Extensions.Options;
using MimeKit;
using Npgsql;
using Processor.Worker.Notices;
using Processor.Worker.Tests.Worlds;
using SmtpServer.Protocol;
using Support;

namespace Processor.Worker.Tests.Notices;

/// <summary>Notices by e-mail, from their rows to a real SMTP server.</summary>
public sealed class MailNoticesTests(Servers servers)
{
    private const string Password = "correct-horse-battery";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_mail_server_does_not_take_is_mailed_again_until_it_does_and_then_no_more()
    {
        await using var mails = await MailServer.StartAsync(n => n < 3 ? new(SmtpReplyCode.TransactionFailed, "greylisted") : SmtpResponse.Ok);
        await using var world = await NoticeWorld.CreateAsync(servers, mails.Settings);
        await world.RaiseAsync();
        await world.StartAsync();

        await world.UntilAsync("count(*) = 1 FROM notices WHERE mailed_at IS NOT NULL AND mail_tries = 3");

        var caught = Assert.Single(mails.Caught);
        Assert.Equal("[AspireWebhooks] Work overdue: payments", caught.Mail.Subject);
        Assert.Equal(["ops@pay.example"], caught.To);
        Assert.Contains(world.Log, line => line.Contains("the mail server answers 554; the log says why (greylisted)", StringComparison.Ordinal));
        Assert.Contains(world.Log, line => line.StartsWith("Notices are not mailed, and wait", StringComparison.Ordinal));
        Assert.Empty(world.Problems);

        // The next one comes after it, and is the only one.
        await world.RaiseAsync("overdue:installments");
        await world.UntilAsync("count(*) = 2 FROM notices WHERE mailed_at IS NOT NULL");
        Assert.Equal(2, mails.Caught.Count);
    }

    [Fact]
    public async Task A_login_that_is_refused_is_told_and_its_password_is_in_no_log()
    {
        await using var mails = await MailServer.StartAsync(password: "another");
        await using var world = await NoticeWorld.CreateAsync(servers, [.. mails.Settings, ("Notices:Smtp:User", "u"), ("Notices:Smtp:Password", Password)]);
        await world.RaiseAsync();
        await world.StartAsync();

        await Eventually.TrueAsync(
            _ => Task.FromResult(world.Problems.Any(one => one.Contains("refuses Notices__Smtp__User", StringComparison.Ordinal))), Cancelled);

        Assert.Empty(mails.Caught);
        Assert.DoesNotContain(world.Log, line => line.Contains(Password, StringComparison.Ordinal));
        Assert.DoesNotContain(world.Log, line => line.Contains(Convert.ToBase64String("\0u\0correct-horse-battery"u8), StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_the_right_login_it_is_mailed()
    {
        await using var mails = await MailServer.StartAsync(password: Password);
        await using var world = await NoticeWorld.CreateAsync(servers, [.. mails.Settings, ("Notices:Smtp:User", "u"), ("Notices:Smtp:Password", Password)]);
        await world.RaiseAsync();
        await world.StartAsync();

        await world.UntilAsync("count(*) = 1 FROM notices WHERE mailed_at IS NOT NULL");
        Assert.Single(mails.Caught);
    }

    [Fact]
    public async Task One_wrong_address_keeps_nobody_else_from_getting_the_mail_and_is_told()
    {
        await using var mails = await MailServer.StartAsync(knows: address => !address.StartsWith("gone", StringComparison.Ordinal));
        await using var world = await NoticeWorld.CreateAsync(
            servers, [.. mails.Settings, ("Notices:To", "gone@pay.example,ops@pay.example,oncall@pay.example")]);
        await world.RaiseAsync();
        await world.StartAsync();

        await world.UntilAsync("count(*) = 1 FROM notices WHERE mailed_at IS NOT NULL");
        Assert.Equal(["ops@pay.example", "oncall@pay.example"], Assert.Single(mails.Caught).To);
        Assert.StartsWith("The mail server refuses an address of Notices__To", Assert.Single(world.Problems), StringComparison.Ordinal);
        Assert.Contains(world.Log, line => line.Contains("gone@pay.example: 550", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_older_than_a_day_is_not_mailed_and_what_is_older_than_the_retention_is_forgotten()
    {
        await using var mails = await MailServer.StartAsync();
        await using var world = await NoticeWorld.CreateAsync(servers, mails.Settings);
        await world.RaiseAsync("overdue:of_yesterday");
        await world.RaiseAsync("overdue:of_spring");
        await world.ScalarAsync<object?>("UPDATE notices SET first_seen_at = now() - interval '25 h' WHERE cause = 'overdue:of_yesterday' RETURNING 1");
        await world.ScalarAsync<object?>("UPDATE notices SET first_seen_at = now() - interval '91 d' WHERE cause = 'overdue:of_spring' RETURNING 1");
        await world.RaiseAsync();
        await world.StartAsync();

        await world.UntilAsync("count(*) = 1 FROM notices WHERE mailed_at IS NOT NULL");
        await world.UntilAsync("count(*) = 2 FROM notices");
        Assert.Equal("[AspireWebhooks] Work overdue: payments", Assert.Single(mails.Caught).Mail.Subject);
        Assert.Equal(1, await world.ScalarAsync<long>("SELECT count(*) FROM notices WHERE cause = 'overdue:of_yesterday' AND mail_tries = 0"));
    }

    [Fact]
    public async Task Where_nobody_is_named_nothing_is_mailed_nor_claimed()
    {
        await using var world = await NoticeWorld.CreateAsync(servers);
        await world.RaiseAsync();
        await world.RaiseAsync("overdue:of_spring");
        await world.ScalarAsync<object?>("UPDATE notices SET first_seen_at = now() - interval '91 d' WHERE cause = 'overdue:of_spring' RETURNING 1");
        await world.StartAsync();

        await world.UntilAsync("count(*) = 1 FROM notices");
        Assert.Equal(1, await world.ScalarAsync<long>("SELECT count(*) FROM notices WHERE mail_tries = 0"));
    }

    [Fact]
    public async Task A_notice_is_claimed_by_one_at_a_time_and_what_an_ended_claim_records_changes_nothing()
    {
        await using var world = await NoticeWorld.CreateAsync(servers);
        await using var database = NpgsqlDataSource.Create(world.ConnectionString);
        var notices = new ClaimNotices(database);
        await world.RaiseAsync();

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => notices.RunAsync(10, TimeSpan.FromHours(1), Cancelled)));
        var first = Assert.Single(claims.SelectMany(claimed => claimed));
        await world.ScalarAsync<object?>("UPDATE notices SET next_mail_at = now() RETURNING 1"); // Its lease ends.
        var second = Assert.Single(await notices.RunAsync(10, TimeSpan.FromHours(1), Cancelled));
        await notices.RecordRetryAsync(first, TimeSpan.FromHours(-1));
        await notices.RecordMailedAsync(first);

        Assert.Equal((1, 2), (first.Try, second.Try));
        Assert.Equal(1, await world.ScalarAsync<long>("SELECT count(*) FROM notices WHERE mailed_at IS NULL AND next_mail_at > now()"));
        await notices.RecordMailedAsync(second);
        Assert.Equal(1, await world.ScalarAsync<long>("SELECT count(*) FROM notices WHERE mailed_at IS NOT NULL"));
    }

    [Theory]
    [InlineData("starttls", "does not offer what the settings ask for (Notices__Smtp__Tls is starttls)")]
    [InlineData("tls", "TLS with the mail server fails (Notices__Smtp__Tls is tls)")]
    public async Task A_server_without_TLS_gets_nothing_where_TLS_is_asked_for(string tls, string fault)
    {
        await using var mails = await MailServer.StartAsync();

        var result = await SendAsync(mails.Port, tls);

        Assert.Contains(fault, result.Fault, StringComparison.Ordinal);
        Assert.Equal(0, mails.Came);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_by_its_settings()
    {
        int port;
        await using (var mails = await MailServer.StartAsync()) port = mails.Port;

        var result = await SendAsync(port, SmtpTls.None);

        Assert.Contains("cannot be reached; see to it, or to Notices__Smtp__Host", result.Fault, StringComparison.Ordinal);
    }

    private static async Task<MailResult> SendAsync(int port, string tls)
    {
        var options = new NoticeOptions { Smtp = new() { Host = "127.0.0.1", Port = port, Tls = tls } };
        using var mail = new MimeMessage([MailboxAddress.Parse("a@pay.example")], [MailboxAddress.Parse("b@pay.example")], "s", new TextPart("plain"));
        return await new SendMail(Options.Create(options), TimeProvider.System).RunAsync(mail);
    }
}
