using Query.Api.Tests.Webhooks;

namespace Query.Api.Tests.Lists;

/// <summary>What every list that is a bare array does, whatever it shows.</summary>
public sealed class BareListTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;
    private readonly Customers _customers = new(databases.ConnectionString);

    [Fact]
    public async Task A_parameter_that_is_not_allowed_is_named_by_every_list()
    {
        string[] queries =
        [
            "limit=0", "limit=201", "limit=ten", "limit=1&limit=2", "skip=-1", "skip=10001", "skip=1e3", "cursor=abc", "cursor=%00", "cursor=____",
            "cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D",
        ];
        foreach (var path in await PathsAsync(rows: 1))
        {
            foreach (var query in queries)
            {
                var problem = await _query.GetProblemAsync($"{path}{query}", 422);
                var name = query[..query.IndexOf('=', StringComparison.Ordinal)];
                Assert.StartsWith(name, problem.GetProperty("errors").GetProperty(name)[0].GetString(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Links_and_skips_lead_through_every_list_and_show_each_row_once_in_its_order()
    {
        // A database of its own: other tests add wallets while this one reads all of them.
        var connectionString = await databases.CreateAsync($"lists_{Guid.NewGuid():N}");
        await using var query = new QueryService(connectionString);
        foreach (var path in await PathsAsync(rows: 5, new Customers(connectionString)))
        {
            var first = (await query.PageAsync($"{path}limit=5")).Rows.Ids().ToList();
            Assert.Equal(5, first.Distinct().Count());

            Assert.Equal(first, (await query.WalkAsync($"{path}limit=2", enough: 5)).Ids().Take(5));
            var bySkip = new List<Guid>();
            for (var skip = 0; skip < 5; skip += 2) bySkip.AddRange((await query.PageAsync($"{path}limit=2&skip={skip}")).Rows.Ids());
            Assert.Equal(first, bySkip.Take(5));
        }
    }

    [Fact]
    public async Task A_link_keeps_the_other_parameters_goes_on_after_the_skipped_rows_and_is_not_on_the_last_page()
    {
        var customer = $"c~:{Guid.NewGuid():N}";
        for (var i = 0; i < 4; i++) await _customers.AddChargeAsync(customer);

        var whole = (await _query.PageAsync($"/charges?customer_id={customer}")).Rows.Ids().ToList();
        var (first, next) = await _query.PageAsync($"/charges?customer_id={Uri.EscapeDataString(customer)}&status=&limit=2&skip=1");

        Assert.Equal(whole[1..3], first.Ids());
        Assert.Matches($"^/charges[?]customer_id={Uri.EscapeDataString(customer)}&limit=2&cursor=[A-Za-z0-9_-]{{22}}$", next);
        var (last, none) = await _query.PageAsync(next!);
        Assert.Equal(whole[3..], last.Ids());
        Assert.Null(none);

        var problem = await _query.GetProblemAsync($"{next}&skip=1", 422);
        Assert.StartsWith("cursor", problem.GetProperty("errors").GetProperty("cursor")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HEAD_answers_as_GET_does_without_a_body()
    {
        foreach (var path in await PathsAsync(rows: 2))
        {
            using var get = await _query.SendAsync(HttpMethod.Get, $"{path}limit=1");
            using var head = await _query.SendAsync(HttpMethod.Head, $"{path}limit=1");

            Assert.Equal((200, 200), ((int)get.StatusCode, (int)head.StatusCode));
            Assert.NotNull(get.Next());
            Assert.NotNull(head.Next());
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }

    /// <summary>Every such list, up to its first parameter, with that many rows of one customer.</summary>
    private async Task<string[]> PathsAsync(int rows, Customers? those = null)
    {
        var customers = those ?? _customers;
        var customer = await customers.AddWalletAsync();
        var hooks = new Hooks(customers);
        Guid charge = default, order = default;
        for (var i = 0; i < rows; i++)
        {
            await customers.AddWalletAsync();
            await customers.MoveAsync(customer, 10);
            charge = await customers.AddChargeAsync(customer.Id);
            order = await customers.AddOrderAsync(customer.Id, [.. Enumerable.Repeat(10m, rows)], nextAttemptAt: DateTimeOffset.UnixEpoch);
            await hooks.AddDeliveryAsync(await hooks.AddEndpointAsync(customer.Id));
        }

        for (var i = 0; i < rows; i++) await customers.AddRefundAsync(charge, 2);
        return
        [
            "/wallets?", $"/wallets/{customer.Id}/ledger?", $"/charges?customer_id={customer.Id}&", $"/charges/{charge}/refunds?",
            $"/installments/orders?customer_id={customer.Id}&", $"/installments/orders/{order}/installments?",
            $"/installments/due-installments?customer_id={customer.Id}&", $"/webhooks/endpoints?customer_id={customer.Id}&",
            $"/webhooks?customer_id={customer.Id}&", $"/webhooks?customer_id={customer.Id}&status=delivered&",
        ];
    }
}
