using Ingest.Api.Transactions;
using Submission = ServiceDefaults.Batches.QueuedItem<Ingest.Api.Transactions.TransactionContent, Ingest.Api.Transactions.AcceptOutcome>;

namespace Ingest.Api.Tests;

public sealed class SubmissionGroupTests
{
    [Fact]
    public void Batches_are_sorted_by_id_so_that_two_never_lock_the_same_rows_in_opposite_order()
    {
        var ids = (string[])["b", "a", "B", "~", "1", "a", "-", "aa"];

        Assert.Equal(["-", "1", "B", "a", "aa", "b", "~"], SubmissionGroup.Of([.. ids.Select(id => One(id))]).Select(group => group.Id));
    }

    [Fact]
    public async Task Of_equal_webhooks_in_one_batch_the_first_is_accepted_and_the_others_are_its_duplicates()
    {
        Submission[] batch = [One("a"), One("b"), One("a"), One("a")];

        foreach (var group in SubmissionGroup.Of([.. batch])) group.CompleteInserted();

        Assert.Equal([AcceptOutcome.Accepted, AcceptOutcome.Accepted, AcceptOutcome.Duplicate, AcceptOutcome.Duplicate], await Outcomes(batch));
    }

    [Fact]
    public async Task In_one_batch_the_first_to_arrive_stays_and_other_content_is_in_conflict_with_it()
    {
        Submission[] batch = [One("a", 1m), One("a", 2m), One("a", 1.00m), One("a", 2m)];

        foreach (var group in SubmissionGroup.Of([.. batch])) group.CompleteInserted();

        Assert.Equal([AcceptOutcome.Accepted, AcceptOutcome.Conflict, AcceptOutcome.Duplicate, AcceptOutcome.Conflict], await Outcomes(batch));
    }

    [Fact]
    public async Task Each_is_compared_with_what_is_stored_not_with_the_first_of_the_batch()
    {
        Submission[] batch = [One("a", 2m), One("a", 1m), One("a", 2m)];

        Assert.Single(SubmissionGroup.Of([.. batch])).CompleteAgainst(One("a", 1.0000m).Item);

        Assert.Equal([AcceptOutcome.Conflict, AcceptOutcome.Duplicate, AcceptOutcome.Conflict], await Outcomes(batch));
    }

    [Theory]
    [InlineData("acc_1", "acc_2", "USD", true)]
    [InlineData("acc_2", "acc_1", "USD", false)]
    [InlineData("ACC_1", "acc_2", "USD", false)]
    [InlineData("acc_1", "acc_3", "USD", false)]
    [InlineData("acc_1", "acc_2", "EUR", false)]
    public async Task Content_is_every_member(string source, string destination, string currency, bool isSame)
    {
        Submission[] batch = [One("a"), new(new("a", source, destination, 1m, currency), default, 0)];

        Assert.Single(SubmissionGroup.Of([.. batch])).CompleteInserted();

        Assert.Equal([AcceptOutcome.Accepted, isSame ? AcceptOutcome.Duplicate : AcceptOutcome.Conflict], await Outcomes(batch));
    }

    [Fact]
    public async Task When_the_row_was_deleted_in_between_all_are_to_be_sent_again()
    {
        Submission[] batch = [One("a"), One("a")];

        Assert.Single(SubmissionGroup.Of([.. batch])).CompleteAgainst(null);

        Assert.Equal([AcceptOutcome.Unavailable, AcceptOutcome.Unavailable], await Outcomes(batch));
    }

    [Fact]
    public async Task An_answer_once_given_stays()
    {
        Submission[] batch = [One("a"), One("a")];
        var group = Assert.Single(SubmissionGroup.Of([.. batch]));

        group.CompleteInserted();
        group.Complete(AcceptOutcome.Unavailable);

        Assert.Equal([AcceptOutcome.Accepted, AcceptOutcome.Duplicate], await Outcomes(batch));
    }

    private static Submission One(string id, decimal amount = 1m) => new(new(id, "acc_1", "acc_2", amount, "USD"), default, 0);

    private static async Task<AcceptOutcome[]> Outcomes(Submission[] batch)
    {
        Assert.All(batch, submission => Assert.True(submission.Task.IsCompleted));
        return await Task.WhenAll(batch.Select(submission => submission.Task));
    }
}
