using System.Text.Json;
using System.Text.Json.Nodes;
using Contracts;
using Data;
using Data.Charges;
using Data.Installments;
using Data.Payments;
using Data.Transactions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Processor.Worker.Notices;

namespace Processor.Worker.Webhooks;

/// <summary>
/// Renders events: the row that was stored with an event, as the resource's GET shows it. PostgreSQL and EF Core read the row from its JSON as they read it
/// from its table, so a column has one way to be read. One statement for each kind of resource among the events.
/// </summary>
internal sealed class RenderEvents(IServiceScopeFactory scopes, IOptions<NoticeOptions> notices)
{
    // In the order of the ids, which are in the first parameter: an event of the same charge may come twice.
    private const string Events = "unnest({0}) WITH ORDINALITY AS ids (id, ord) JOIN webhook_events e USING (id)";

    private static readonly JsonSerializerOptions Written = WireJson.Options();

    /// <summary>The data of each event, JSON.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> RunAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<WebhooksDbContext>();
        var data = new Dictionary<Guid, string>(events.Count);
        foreach (var kind in events.GroupBy(one => one.Type[..one.Type.IndexOf('.', StringComparison.Ordinal)], one => one.Id))
        {
            Guid[] ids = [.. kind];
            var rendered = await RenderAsync(database, kind.Key, ids, cancellationToken);
            if (rendered.Count != ids.Length) throw new InvalidOperationException($"{rendered.Count} of {ids.Length} events of kind {kind.Key} have a row.");
            for (var n = 0; n < ids.Length; n++) data.Add(ids[n], rendered[n]);
        }

        return data;
    }

    private Task<List<string>> RenderAsync(WebhooksDbContext database, string kind, Guid[] ids, CancellationToken cancellationToken) => kind switch
    {
        "transaction" => TransactionsAsync(database, ids, cancellationToken),
        "payment" => PaymentsAsync(database, ids, cancellationToken),
        "charge" => ChargesAsync(database, ids, cancellationToken),
        "installment" => InstallmentsAsync(database, ids, cancellationToken),
        "order" => OrdersAsync(database, ids, cancellationToken),
        _ => NoticesAsync(database, ids, cancellationToken),
    };

    private static async Task<List<string>> TransactionsAsync(WebhooksDbContext database, Guid[] ids, CancellationToken cancellationToken)
    {
        var rows = await database.Transactions
            .FromSqlRaw($"SELECT r.* FROM {Events}, json_populate_record(NULL::transactions, e.snapshot) r ORDER BY ord", ids)
            .AsNoTracking().ToListAsync(cancellationToken);
        return rows.ConvertAll(row => JsonSerializer.Serialize(TransactionReply.Of(row), TransactionReplyJson.Wire.TransactionReply));
    }

    private static async Task<List<string>> PaymentsAsync(WebhooksDbContext database, Guid[] ids, CancellationToken cancellationToken)
    {
        var rows = await database.Payments
            .FromSqlRaw($"SELECT r.* FROM {Events}, json_populate_record(NULL::payments, e.snapshot) r ORDER BY ord", ids)
            .AsNoTracking().ToListAsync(cancellationToken);
        return rows.ConvertAll(row => JsonSerializer.Serialize(PaymentReply.Of(row), PaymentJson.Wire.PaymentReply));
    }

    private static async Task<List<string>> ChargesAsync(WebhooksDbContext database, Guid[] ids, CancellationToken cancellationToken)
    {
        var rows = await database.Charges
            .FromSqlRaw($"SELECT r.* FROM {Events}, json_populate_record(NULL::charges, e.snapshot) r ORDER BY ord", ids)
            .AsNoTracking().ToListAsync(cancellationToken);
        return rows.ConvertAll(row => JsonSerializer.Serialize(ChargeReply.Of(row), ChargeJson.Wire.ChargeReply));
    }

    private static async Task<List<string>> InstallmentsAsync(WebhooksDbContext database, Guid[] ids, CancellationToken cancellationToken)
    {
        var rows = await database.Installments
            .FromSqlRaw($"SELECT r.* FROM {Events}, json_populate_record(NULL::installments, e.snapshot -> 'installment') r ORDER BY ord", ids)
            .AsNoTracking().ToListAsync(cancellationToken);
        var currencies = await database.Database
            .SqlQueryRaw<string>($"SELECT e.snapshot ->> 'currency' AS \"Value\" FROM {Events} ORDER BY ord", ids).ToListAsync(cancellationToken);
        return [.. rows.Zip(currencies, (row, currency) =>
            JsonSerializer.Serialize(InstallmentReply.Of(row, currency), InstallmentJson.Wire.InstallmentReply))];
    }

    private static async Task<List<string>> OrdersAsync(WebhooksDbContext database, Guid[] ids, CancellationToken cancellationToken)
    {
        var rows = await database.InstallmentOrders
            .FromSqlRaw($"SELECT r.* FROM {Events}, json_populate_record(NULL::installment_orders, e.snapshot -> 'order') r ORDER BY ord", ids)
            .AsNoTracking().ToListAsync(cancellationToken);
        // An order is completed once, so its installments are those of one event.
        var installments = await database.Installments
            .FromSqlRaw($"SELECT r.* FROM {Events}, json_populate_recordset(NULL::installments, e.snapshot -> 'installments') r", ids)
            .AsNoTracking().ToListAsync(cancellationToken);
        var ofOrder = installments.ToLookup(installment => installment.OrderId);
        return rows.ConvertAll(row => JsonSerializer.Serialize(OrderReply.Of(row, ofOrder[row.Id]), InstallmentJson.Wire.OrderReply));
    }

    // Their data are what was stored; of the link the path was, and here it is told where that is for people.
    private async Task<List<string>> NoticesAsync(WebhooksDbContext database, Guid[] ids, CancellationToken cancellationToken)
    {
        var stored = await database.Database
            .SqlQueryRaw<string>($"SELECT e.snapshot::text AS \"Value\" FROM {Events} ORDER BY ord", ids).ToListAsync(cancellationToken);
        return stored.ConvertAll(notice => WithLink(JsonNode.Parse(notice)!.AsObject()));
    }

    private string WithLink(JsonObject notice)
    {
        if (notice["link"]?.GetValue<string>() is { } path) notice["link"] = notices.Value.LinkTo(path);
        return notice.ToJsonString(Written);
    }
}
