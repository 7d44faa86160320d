namespace Data.Tests;

public class AdvisoryLockTests
{
    [Fact]
    public void No_two_things_lock_the_same_number()
    {
        var numbers = typeof(AdvisoryLock).GetFields().Select(field => (long)field.GetRawConstantValue()!).ToArray();

        Assert.NotEmpty(numbers);
        Assert.Equal(numbers.Distinct(), numbers);
    }
}
