using Portal.Web.Live;

namespace Portal.Web.Tests.Live;

public sealed class LiveRowsTests
{
    private readonly LiveRows<Row> _rows = new(row => row.Id);

    [Fact]
    public void A_row_that_changed_changes_in_place()
    {
        Take("c", "b", "a");

        _rows.Take([new("c", ""), new("b", "done"), new("a", "")]);

        Assert.Equal([new("c", ""), new("b", "done"), new("a", "")], _rows.Shown);
        Assert.Equal(0, _rows.NewCount);
    }

    [Fact]
    public void New_rows_are_counted_and_wait_until_they_are_asked_for()
    {
        Take("b", "a");

        Take("d", "c", "b", "a");
        Assert.Equal(["b", "a"], Shown);
        Assert.Equal(2, _rows.NewCount);

        _rows.ShowNew();
        Assert.Equal(["d", "c", "b", "a"], Shown);
        Assert.Equal(0, _rows.NewCount);
    }

    [Fact]
    public void A_row_that_left_the_list_is_marked_and_stays()
    {
        Take("c", "b", "a");

        Take("c", "a");

        Assert.Equal(["c", "b", "a"], Shown);
        Assert.Equal(["b"], Gone);
    }

    [Fact]
    public void A_row_that_new_ones_pushed_out_of_the_page_is_only_older()
    {
        Take("c", "b", "a");

        Take("e", "d", "c");

        Assert.Equal(["c", "b", "a"], Shown);
        Assert.Equal(2, _rows.NewCount);
        Assert.Empty(Gone);
    }

    [Fact]
    public void A_row_that_comes_back_is_not_marked_any_more()
    {
        Take("c", "b", "a");
        Take("c", "a");

        Take("c", "b", "a");

        Assert.Empty(Gone);
    }

    [Fact]
    public void A_list_that_became_empty_marks_every_row()
    {
        Take("b", "a");

        Take();

        Assert.Equal(["b", "a"], Gone);
    }

    [Fact]
    public void The_first_rows_are_shown_at_once()
    {
        Take();
        Take("a");

        Assert.Equal(["a"], Shown);
        Assert.Equal(0, _rows.NewCount);
    }

    private IEnumerable<string> Shown => _rows.Shown.Select(row => row.Id);

    private IEnumerable<string> Gone => _rows.Shown.Where(_rows.IsGone).Select(row => row.Id);

    private void Take(params string[] ids) => _rows.Take([.. ids.Select(id => new Row(id, ""))]);

    private sealed record Row(string Id, string State);
}
