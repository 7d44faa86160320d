namespace LocalHosting.Tests.Running;

public sealed class OrderTests
{
    [Fact]
    public async Task Resources_start_after_those_they_wait_for()
    {
        await using var host = new HostProcess("order");

        await host.LineAsync(@"^migrations\s+\| migrated");
        await host.LineAsync(@"^migrations\s+done");
        await host.LineAsync(@"^slow\s+\| probe runs");
        // Three health checks are refused first; "last" prints its line only after the check that was not.
        await host.LineAsync(@"^slow\s+ready after .* http://127\.0\.0\.1:\d+");
        await host.LineAsync(@"^last\s+\| last runs");
    }

    [Fact]
    public async Task Resources_that_wait_in_a_circle_are_refused()
    {
        await using var host = new HostProcess("circle");

        await host.LineAsync("one -> two -> one|two -> one -> two");
        Assert.Equal(1, await host.ExitAsync());
    }

    [Fact]
    public async Task A_missing_parameter_is_named_with_the_way_to_give_it()
    {
        await using var without = new HostProcess("parameter");
        await without.LineAsync("Parameter 'api-key' has no value.*--Parameters:api-key=.*Parameters__api_key");
        Assert.Equal(1, await without.ExitAsync());
        Assert.DoesNotContain("uses", without.Output);

        await using var with = new HostProcess("parameter", "--Parameters:api-key=secret");
        await with.LineAsync("key has 6 letters");
    }
}
