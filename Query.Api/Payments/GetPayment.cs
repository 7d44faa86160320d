using System.ComponentModel;
using Data.Payments;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Payments;

/// <summary>
/// <c>GET /api/v1/deposits/{id}</c> and <c>GET /api/v1/withdrawals/{id}</c>: one payment, or 404, the same for one that is not there, is
/// somebody else's or is of the other type: nobody learns which ids others have.
/// </summary>
internal static class GetPayment
{
    private const string Sql = $"SELECT {PaymentReply.Columns} FROM payments WHERE id = $1";

    public static void MapGetPayment(this RouteGroupBuilder group, string name, string type)
    {
        Task<Results<Ok<PaymentReply>, Problem>> Handle(
            [Description("The payment's id.")] string id, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
            HandleAsync(id, type, context, database, cancellationToken);

        group.MapGet("/{id}", Handle)
            .WithName($"get{name}")
            .WithSummary($"One {type}")
            .WithDescription($"Where a {type} stands. It ends as success or failed, with processed_at.")
            .WithPathExample("id", "123")
            .Answers(StatusCodes.Status200OK, $"The {type}.")
            .WithResponseExample(StatusCodes.Status200OK, PaymentReply.Example)
            .Fails(StatusCodes.Status404NotFound, $"There is no such {type}, or it is not yours.");
        group.MapMethods("/{id}", [HttpMethods.Head], Handle).ExcludeFromDescription();
    }

    private static async Task<Results<Ok<PaymentReply>, Problem>> HandleAsync(
        string id, string type, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (!RowId.TryParse(id, out var paymentId)) return Problem.NotFound($"That is not a {type}'s id: one is a whole number from 1 on.");
        return await FindAsync(database, paymentId, cancellationToken) is { } payment && payment.Type == type && Caller.Of(context).MaySee(payment.UserId)
            ? TypedResults.Ok(payment)
            : Problem.NotFound($"You have no {type} {paymentId}. GET /api/v1/{type}s lists those you have.");
    }

    private static async Task<PaymentReply?> FindAsync(NpgsqlDataSource database, long id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? PaymentReply.Read(row) : null;
    }
}
