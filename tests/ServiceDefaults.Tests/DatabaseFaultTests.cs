using System.Data.Common;
using System.Net.Sockets;
using System.Security.Cryptography;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Tests;

public sealed class DatabaseFaultTests
{
    [Theory]
    [InlineData("40001", DatabaseFault.RolledBack), InlineData("40P01", DatabaseFault.RolledBack), InlineData("0A000", DatabaseFault.StalePlan)]
    [InlineData("25006", DatabaseFault.ReadOnly), InlineData("57P01", DatabaseFault.ConnectionLost), InlineData("57P02", DatabaseFault.ConnectionLost)]
    [InlineData("57P03", DatabaseFault.ConnectionLost), InlineData("08006", DatabaseFault.ConnectionLost), InlineData("25P03", DatabaseFault.ConnectionLost)]
    [InlineData("57014", DatabaseFault.Unavailable), InlineData("53300", DatabaseFault.Unavailable), InlineData("53100", DatabaseFault.Unavailable)]
    [InlineData("55P03", DatabaseFault.Unavailable), InlineData("58030", DatabaseFault.Unavailable), InlineData("28P01", DatabaseFault.Unavailable)]
    [InlineData("3D000", DatabaseFault.Unavailable), InlineData("55000", DatabaseFault.Unavailable), InlineData("57P04", DatabaseFault.Unavailable)]
    [InlineData("23505", DatabaseFault.None), InlineData("42P01", DatabaseFault.None), InlineData("22021", DatabaseFault.None)]
    public void An_error_of_the_server_is_told_by_its_SQLSTATE(string state, DatabaseFault fault) => Assert.Equal(fault, DatabaseFaults.Of(new Failure(state)));

    [Fact]
    public void What_fails_without_an_answer_of_the_server_is_told_by_what_lies_below()
    {
        Assert.Equal(DatabaseFault.ConnectionLost, DatabaseFaults.Of(new Failure(inner: new IOException())));
        Assert.Equal(DatabaseFault.ConnectionLost, DatabaseFaults.Of(new Failure(inner: new SocketException())));
        Assert.Equal(DatabaseFault.ConnectionLost, DatabaseFaults.Of(new SocketException()));
        Assert.Equal(DatabaseFault.Unavailable, DatabaseFaults.Of(new Failure(inner: new TimeoutException(), isTransient: true)));
        Assert.Equal(DatabaseFault.Unavailable, DatabaseFaults.Of(new TimeoutException()));
        Assert.Equal(DatabaseFault.Unavailable, DatabaseFaults.Of(new Failure())); // As Npgsql's "Received unknown response H for SSLRequest".
        Assert.Equal(DatabaseFault.None, DatabaseFaults.Of(new InvalidOperationException()));
        var wrapped = new InvalidOperationException("as EF Core wraps it", new Failure(inner: new IOException()));
        Assert.Equal(DatabaseFault.ConnectionLost, DatabaseFaults.Of(wrapped));
        Assert.Equal(DatabaseFault.ConnectionLost, DatabaseFaults.Of(new CryptographicException("its keys cannot be read", wrapped)));
        Assert.Equal(DatabaseFault.None, DatabaseFaults.Of(new CryptographicException("not what was encrypted")));
    }

    [Theory]
    [InlineData("40001", true), InlineData("0A000", true), InlineData("25006", true), InlineData("57P01", true)]
    [InlineData("57014", false), InlineData("53300", false), InlineData("23505", false)]
    public void Another_try_is_made_only_where_it_may_succeed_at_once(string state, bool again) =>
        Assert.Equal(again, DatabaseFaults.IsWorthAnotherTry(new Failure(state)));

    [Fact]
    public void A_deadlock_is_no_fault_of_the_other_connections_and_a_lost_one_is()
    {
        Assert.False(DatabaseFaults.IsOfAllConnections(new Failure("40P01")));
        Assert.True(DatabaseFaults.IsOfAllConnections(new Failure("57P01")));
        Assert.True(DatabaseFaults.IsOfAllConnections(new Failure("25006")));
    }

    [Fact]
    public void A_commit_that_the_server_refused_was_rolled_back_and_one_without_an_answer_is_not_known()
    {
        Assert.False(DatabaseFaults.LeavesCommitUnknown(new Failure("40001")));
        Assert.False(DatabaseFaults.LeavesCommitUnknown(new Failure("23505")));
        Assert.True(DatabaseFaults.LeavesCommitUnknown(new Failure("57P01"))); // Ended while it waited for a standby, the commit stays.
        Assert.True(DatabaseFaults.LeavesCommitUnknown(new Failure(inner: new IOException())));
        Assert.True(DatabaseFaults.LeavesCommitUnknown(new TimeoutException()));
        Assert.False(DatabaseFaults.LeavesCommitUnknown(new InvalidOperationException()));
    }

    private sealed class Failure(string? state = null, Exception? inner = null, bool isTransient = false) : DbException("failed", inner)
    {
        public override string? SqlState => state;

        public override bool IsTransient => isTransient;
    }
}
