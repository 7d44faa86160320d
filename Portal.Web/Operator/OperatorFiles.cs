using Portal.Web.Operator.Charges;
using Portal.Web.Operator.Payments;
using Portal.Web.Operator.Transactions;

namespace Portal.Web.Operator;

/// <summary>The operators' lists as files.</summary>
internal static class OperatorFiles
{
    public static void MapOperatorFiles(this IEndpointRouteBuilder routes)
    {
        routes.MapTransactionsCsv();
        routes.MapPaymentsCsv();
        routes.MapChargesCsv();
    }
}
