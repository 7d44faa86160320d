using Data.Installments;
using FsCheck;
using FsCheck.Fluent;

namespace Data.Tests.Installments;

/// <summary>The states of an order and of its installments.</summary>
public sealed class LockedOrderTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero), BusinessNow = Now.AddDays(40);

    private static readonly string[] OpenStatuses = [InstallmentStatus.Pending, InstallmentStatus.Overdue];
    private static readonly string?[] Codes = [null, "card_declined", "stolen_card"];

    /// <summary>0: activate, 1: cancel, 2: begin, 3 and 4: settle as paid or not.</summary>
    private static readonly Gen<(int Act, int Which, string? Code)> AnyAct =
        from act in Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Constant(1)), (8, Gen.Constant(2)), (6, Gen.Constant(3)), (3, Gen.Constant(4)))
        from which in Gen.Choose(0, 2)
        from code in Gen.Elements(Codes)
        select (act, which, code);

    [Fact]
    public void Whatever_happens_in_whatever_order_every_state_makes_sense() => Prop.ForAll(Arb.From(AnyAct.ArrayOf()), acts =>
    {
        var order = Order(OrderStatus.Pending, count: 3);
        var (paid, ended) = (new HashSet<Guid>(), (string?)null);
        foreach (var (act, which, code) in acts)
        {
            var installment = order.Installments[which];
            if (act == 0) order.Activate();
            else if (act == 1) order.Cancel();
            else if (act == 2 && order.IsChargeable(installment)) order.Begin(installment, Guid.NewGuid());
            else if (act > 2) order.Settle(installment, isPaid: act == 3, code);

            if (installment.Status == InstallmentStatus.Paid) paid.Add(installment.Id);
            ended ??= order.Order.Status is OrderStatus.Completed or OrderStatus.Failed or OrderStatus.Cancelled ? order.Order.Status : null;
            if (!MakesSense(order) || !paid.All(id => order[id].Status == InstallmentStatus.Paid) || (ended is not null && order.Order.Status != ended))
                return false;
        }

        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void An_activated_orders_installments_are_charged_on_their_due_dates()
    {
        var order = Order(OrderStatus.Pending, count: 2);

        Assert.True(order.Activate());

        Assert.Equal(OrderStatus.Active, order.Order.Status);
        Assert.Equal(order.Installments.Select(i => (DateTimeOffset?)i.DueAt), order.Installments.Select(i => i.NextAttemptAt));
        Assert.Equal([Now, Now, Now], order.Installments.Select(i => i.UpdatedAt).Append(order.Order.UpdatedAt));
    }

    [Fact]
    public void Activating_an_active_order_changes_nothing()
    {
        var order = Order(OrderStatus.Active, count: 2);
        Assert.True(order.Activate());
        Assert.False(order.HasChanged);
        Assert.Empty(order.Changed);
    }

    [Theory]
    [InlineData(OrderStatus.Completed)]
    [InlineData(OrderStatus.Failed)]
    [InlineData(OrderStatus.Cancelled)]
    public void An_ended_order_is_not_activated(string status) => Assert.False(Order(status, count: 1).Activate());

    [Theory]
    [InlineData(OrderStatus.Pending, true)]
    [InlineData(OrderStatus.Active, true)]
    [InlineData(OrderStatus.Cancelled, true)]
    [InlineData(OrderStatus.Completed, false)]
    [InlineData(OrderStatus.Failed, false)]
    public void An_order_is_cancelled_until_it_has_ended_otherwise(string status, bool isAllowed)
    {
        var order = Order(status, count: 1);
        Assert.Equal((isAllowed, isAllowed ? OrderStatus.Cancelled : status), (order.Cancel(), order.Order.Status));
    }

    [Fact]
    public void The_last_paid_installment_completes_its_order()
    {
        var order = Order(OrderStatus.Active, count: 2);

        Charge(order, 0, isPaid: true);
        Assert.Equal((InstallmentStatus.Paid, OrderStatus.Active), (order.Installments[0].Status, order.Order.Status));

        Charge(order, 1, isPaid: true);
        Assert.Equal((InstallmentStatus.Paid, OrderStatus.Completed), (order.Installments[1].Status, order.Order.Status));
    }

    [Fact]
    public void A_soft_failure_makes_it_overdue_until_the_next_attempt_by_the_business_clock()
    {
        var order = Order(OrderStatus.Active, count: 1);
        var next = new List<DateTimeOffset?>();
        for (var n = 0; n < 3; n++)
        {
            Charge(order, 0, isPaid: false, "card_declined");
            var installment = order.Installments[0];
            Assert.Equal((InstallmentStatus.Overdue, OrderStatus.Active, n + 1), (installment.Status, order.Order.Status, installment.Attempts));
            next.Add(installment.NextAttemptAt);
        }

        Assert.Equal([BusinessNow.AddDays(1), BusinessNow.AddDays(3), BusinessNow.AddDays(5)], next);
        Charge(order, 0, isPaid: false, "card_declined");
        Assert.Equal((InstallmentStatus.Failed, OrderStatus.Failed), (order.Installments[0].Status, order.Order.Status));
    }

    [Fact]
    public void A_hard_decline_fails_it_its_order_and_cancels_what_is_open()
    {
        var order = Order(OrderStatus.Active, count: 3);
        Charge(order, 0, isPaid: true);

        Charge(order, 1, isPaid: false, "stolen_card");

        Assert.Equal(
            (OrderStatus.Failed, "paid failed cancelled"), (order.Order.Status, string.Join(' ', order.Installments.Select(i => i.Status))));
    }

    [Theory]
    [InlineData(true, InstallmentStatus.Paid)] // The money was taken.
    [InlineData(false, InstallmentStatus.Cancelled)]
    public void A_charge_that_ends_after_its_order_was_cancelled_says_what_became_of_the_money(bool isPaid, string status)
    {
        var order = Order(OrderStatus.Active, count: 2);
        order.Begin(order.Installments[0], Guid.NewGuid());
        order.Cancel();
        Assert.Equal("processing cancelled", string.Join(' ', order.Installments.Select(i => i.Status)));

        order.Settle(order.Installments[0], isPaid, "card_declined");

        Assert.Equal((status, OrderStatus.Cancelled), (order.Installments[0].Status, order.Order.Status));
    }

    [Fact]
    public void An_outcome_that_is_told_twice_counts_once()
    {
        var order = Order(OrderStatus.Active, count: 1);
        Charge(order, 0, isPaid: false, "card_declined");
        var next = order.Installments[0].NextAttemptAt;

        order.Settle(order.Installments[0], isPaid: false, "stolen_card");
        order.Settle(order.Installments[0], isPaid: true, null);

        Assert.Equal((InstallmentStatus.Overdue, next, 1), (order.Installments[0].Status, order.Installments[0].NextAttemptAt, order.Installments[0].Attempts));
    }

    /// <summary>What the constraints, the scheduler and the callers rely on.</summary>
    private static bool MakesSense(LockedOrder order)
    {
        var statuses = order.Installments.Select(installment => installment.Status).ToArray();
        var isActive = order.Order.Status == OrderStatus.Active;
        return order.Installments.All(i => i.NextAttemptAt is null || OpenStatuses.Contains(i.Status))
            && (!isActive || order.Installments.All(i => OpenStatuses.Contains(i.Status) == i.NextAttemptAt is not null))
            && (order.Order.Status == OrderStatus.Completed) == (statuses.All(status => status == InstallmentStatus.Paid) && order.Order.Status is not
                (OrderStatus.Cancelled or OrderStatus.Failed))
            && (order.Order.Status == OrderStatus.Failed) == statuses.Contains(InstallmentStatus.Failed)
            && (order.Order.Status is OrderStatus.Active or OrderStatus.Pending || !statuses.Any(OpenStatuses.Contains));
    }

    private static void Charge(LockedOrder order, int which, bool isPaid, string? code = null)
    {
        order.Begin(order.Installments[which], Guid.NewGuid());
        order.Settle(order.Installments[which], isPaid, code);
    }

    private static LockedOrder Order(string status, int count)
    {
        var id = Guid.NewGuid();
        var order = new InstallmentOrder
        {
            Id = id,
            CustomerId = "cust_1",
            Amount = 10 * count,
            Currency = "USD",
            InstallmentCount = count,
            InstallmentAmount = 10,
            Status = status,
            TimeZone = "UTC",
            DunningDays = [1, 3, 5],
        };
        var isOpen = status is OrderStatus.Pending or OrderStatus.Active;
        var installments = Enumerable.Range(1, count).Select(number => new Installment
        {
            Id = Guid.NewGuid(),
            OrderId = id,
            Number = number,
            Amount = 10,
            DueAt = Now.AddMonths(number),
            Status = isOpen ? InstallmentStatus.Pending : InstallmentStatus.Cancelled,
            NextAttemptAt = status == OrderStatus.Active ? Now.AddMonths(number) : null,
        }).ToArray();
        return new(order, installments, Now, BusinessNow);
    }
}
