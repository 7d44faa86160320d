using System.Reflection;
using Contracts;
using Data.DeadLetters;
using Data.Notices;
using Data.Webhooks;
using Data.Workers;
using Processor.Worker.DeadLetters;
using Processor.Worker.Ledger;
using Processor.Worker.Notices;
using Processor.Worker.Webhooks;

namespace Processor.Worker.Tests.Notices;

/// <summary>What operators are told, where it is computed.</summary>
public class NoticeTextTests
{
    [Fact]
    public void Dead_letters_are_one_cause_a_topic_and_reason_and_each_reason_has_its_remedy()
    {
        string[] reasons =
            [.. typeof(DeadLetterReason).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)];
        NewNotice[] notices = [.. reasons.Select(reason => DeadLetterNotice.Of(Letter(reason, offset: 1)))];

        Assert.Equal(reasons.Length, notices.Select(notice => notice.Cause).Distinct().Count());
        Assert.Equal(DeadLetterNotice.Of(Letter("refused", offset: 1)).Cause, DeadLetterNotice.Of(Letter("refused", offset: 2)).Cause);
        Assert.Contains("bank", DeadLetterNotice.Of(Letter(DeadLetterReason.GivenUp, offset: 1)).WhatToDo, StringComparison.Ordinal);
        Assert.Equal(
            new NewNotice(
                WebhookEvents.OperationsDeadLetter, "dead_letter:transactions:undecodable", "A record of transactions was put aside (undecodable): No JSON.",
                "Somebody else wrote to the topic, or a record was damaged: redrive it repaired, or delete it.", "/admin/dlq?topic=transactions"),
            DeadLetterNotice.Of(Letter(DeadLetterReason.Undecodable, offset: 1)));
    }

    [Theory]
    [InlineData(DisabledReason.Gone, "410")]
    [InlineData(DisabledReason.Receiver, "webhook-delivery: disable")]
    [InlineData(DisabledReason.Failing, "Webhooks__DisableAfter")]
    public void An_endpoint_is_told_by_its_id_and_host_and_without_the_rest_of_its_URL(string why, string says)
    {
        var endpoint = new ClaimedEndpoint(
            Guid.NewGuid(), "https://user:password@shop.example/hook?token=secret", PayloadStyle.Envelope, "", null, IsFailing: true, IsToBeDisabled: true);

        var notice = DisableEndpoint.NoticeOf(endpoint, why);

        Assert.Equal((WebhookEvents.OperationsEndpointDisabled, $"endpoint:{endpoint.Id}"), (notice.Type, notice.Cause));
        Assert.Contains(says, notice.Detail, StringComparison.Ordinal);
        Assert.Contains("shop.example", notice.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("token", $"{notice}", StringComparison.Ordinal);
        Assert.DoesNotContain("password", $"{notice}", StringComparison.Ordinal);
        Assert.Equal($"/admin/endpoints/{endpoint.Id}", notice.Link);
    }

    [Fact]
    public void The_ledgers_first_difference_is_named()
    {
        var notice = LedgerNotice.Of(new(3, 2, 2, [new("Account 2 holds 21."), new("Account 3 holds 22.")]));

        Assert.Equal("Ledger: 3 accounts, 2 transfers, 2 differences. The first: Account 2 holds 21.", notice.Detail);
        Assert.Equal((WebhookEvents.OperationsLedgerDifference, "ledger"), (notice.Type, notice.Cause));
    }

    [Fact]
    public void Work_is_overdue_from_the_setting_on_and_each_table_by_itself()
    {
        var notices = WorkNotices.Of(Report(("payments", 3, 300), ("transactions", 10_000, 301.5), ("installments", 2, 4_000)), [], TimeSpan.FromMinutes(5));

        Assert.Equal(["overdue:transactions", "overdue:installments"], notices.Select(notice => notice.Cause));
        Assert.Equal("At least 10,000 transactions are due and nobody has taken them, the oldest for 302 s.", notices[0].Detail);
        Assert.All(notices, notice => Assert.Equal(WebhookEvents.OperationsWorkOverdue, notice.Type));
    }

    [Fact]
    public void Each_lost_worker_is_told_by_itself_with_how_many_are_left()
    {
        var notices = WorkNotices.Of(Report(), [new("w-1", TimeSpan.FromSeconds(17.4)), new("w-2", TimeSpan.FromSeconds(60))], TimeSpan.FromMinutes(5));

        Assert.Equal(["worker:w-1", "worker:w-2"], notices.Select(notice => notice.Cause));
        Assert.Equal("Worker w-1 was last heard of 17 s ago and did not stop by itself; workers that run: 1.", notices[0].Detail);
        Assert.All(notices, notice => Assert.Equal(WebhookEvents.OperationsWorkerLost, notice.Type));
    }

    private static DeadRecord Letter(string reason, long offset) => new(new(Topics.Transactions, 3, offset), 0, null, null, reason, "No JSON.");

    private static WorkReport Report(params (string Table, int Overdue, double Oldest)[] tables) => new(
        Workers: 1, Partitions: 12, [.. tables.Select(table => new WorkState(table.Table, null, 0, 0, table.Overdue, table.Oldest))], DeadLetters: 0, []);
}
