using System.Text;
using Processor.Worker.Payments;

namespace Processor.Worker.Tests.Payments;

public sealed class PaymentRecordTests
{
    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("rubbish")]
    [InlineData("""{"\u0000":""")]
    [InlineData("""{"payment_id":1,"user_id":1,"\ud800":""")]
    [InlineData("""{"payment_id":"\ud800","user_id":1}""")]
    [InlineData("""{"payment_id":0,"user_id":1}""")]
    [InlineData("""{"payment_id":1.5,"user_id":1}""")]
    [InlineData("""{"user_id":1}""")]
    public void A_body_that_cannot_be_decoded_has_a_fault_that_can_be_stored_and_keeps_its_bytes(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);

        var record = PaymentRecord.Read(bytes, isNull: false);

        Assert.Equal(Contracts.StoredText.Clean(record.Fault), record.Fault);
        Assert.False(string.IsNullOrEmpty(record.Fault));
        Assert.Equal(bytes, record.Body);
    }

    [Fact]
    public void A_record_without_a_body_has_a_fault() => Assert.NotNull(PaymentRecord.Read([], isNull: true).Fault);
}
