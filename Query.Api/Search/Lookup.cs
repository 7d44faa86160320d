using Data;
using Npgsql;
using Query.Api.Lists;

namespace Query.Api.Search;

/// <summary>A statement that finds things of a kind by an indexed column.</summary>
/// <param name="Kind">What it finds.</param>
/// <param name="FoundBy">By what.</param>
/// <param name="Sql">Returns id, title, amount, currency, status, time and traceparent; <c>$1</c> is what is looked for.</param>
/// <param name="Value">What is looked for, as the column's type has it.</param>
internal sealed record Lookup(string Kind, string FoundBy, string Sql, NpgsqlParameter Value)
{
    /// <summary>An id has one row. A bank may have given a reference more than once.</summary>
    private const int MaxRows = 20;

    private const string Transactions =
        "SELECT transaction_id, source_account || ' to ' || destination_account, amount, currency, status, created_at, traceparent FROM transactions WHERE";

    private const string Payments = "SELECT id::text, type, amount, currency, status, created_at, traceparent FROM payments WHERE";

    private const string Users = "SELECT id::text, email, NULL::numeric, NULL, NULL, created_at, NULL FROM users WHERE";

    private const string DeadLetters =
        "SELECT id::text, topic || ': ' || detail, NULL::numeric, NULL, reason, created_at, NULL FROM dead_letters WHERE";

    private const string Charges = "SELECT id::text, 'charge of ' || customer_id, amount, currency, status, created_at, NULL FROM charges WHERE";

    private const string Refunds =
        """
        SELECT r.id::text, 'refund to ' || c.customer_id, r.amount, c.currency, r.status, r.created_at, NULL
        FROM refunds r JOIN charges c ON c.id = r.charge_id WHERE r.
        """;

    private const string Orders =
        "SELECT id::text, 'installments of ' || customer_id, amount, currency, status, created_at, NULL FROM installment_orders WHERE";

    private const string Installments =
        """
        SELECT i.id::text, format('installment %s of %s', i.number, o.customer_id), i.amount, o.currency, i.status, i.created_at, NULL
        FROM installments i JOIN installment_orders o ON o.id = i.order_id WHERE i.
        """;

    private const string Wallets =
        """
        SELECT id::text, 'wallet of ' || customer_id, NULL::numeric, currency, CASE WHEN is_active THEN 'active' ELSE 'inactive' END, created_at, NULL
        FROM wallets WHERE
        """;

    private const string Events =
        """
        SELECT 'evt_' || replace(id::text, '-', ''), type || ' of ' || resource_id, NULL::numeric, NULL, NULL, created_at, traceparent
        FROM webhook_events WHERE
        """;

    private const string Deliveries =
        """
        SELECT d.id::text, d.event_type || ' to ' || w.url, NULL::numeric, NULL, d.status, d.created_at, e.traceparent
        FROM webhook_deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id LEFT JOIN webhook_events e ON e.id = d.event_id WHERE d.
        """;

    private const string Endpoints =
        """
        SELECT id::text, url, NULL::numeric, NULL, CASE WHEN deleted_at IS NOT NULL THEN 'deleted' WHEN disabled_at IS NOT NULL THEN 'disabled'
            WHEN failing_since IS NOT NULL THEN 'failing' ELSE 'enabled' END, created_at, NULL
        FROM webhook_endpoints WHERE
        """;

    private static readonly (string Kind, string Select)[] Numbered =
        [(HitKind.Payment, Payments), (HitKind.User, Users), (HitKind.DeadLetter, DeadLetters)];

    private static readonly (string Kind, string Select)[] ByUuid =
    [
        (HitKind.Charge, Charges), (HitKind.Refund, Refunds), (HitKind.Order, Orders), (HitKind.Installment, Installments), (HitKind.Wallet, Wallets),
        (HitKind.Event, Events), (HitKind.Delivery, Deliveries), (HitKind.Endpoint, Endpoints),
    ];

    /// <summary>Those of everything that has a number for its id.</summary>
    public static IEnumerable<Lookup> ById(long id) => Numbered.Select(kind => Of(kind, search: id));

    /// <summary>Those of everything that has a UUID.</summary>
    public static IEnumerable<Lookup> ById(Guid id) => ByUuid.Select(kind => Of(kind, search: id));

    /// <summary>Those of everything that has a text: the ids, references and names that others give.</summary>
    public static IEnumerable<Lookup> ByText(string text) =>
    [
        new(HitKind.Transaction, Search.FoundBy.Id, Where(Transactions, "transaction_id"), Parameter.Text(text)),
        new(HitKind.Payment, Search.FoundBy.BankReference, Where(Payments, "bank_reference"), Parameter.Text(text)),
        new(HitKind.Charge, Search.FoundBy.ExternalChargeId, Where(Charges, "external_charge_id"), Parameter.Text(text)),
        new(HitKind.Wallet, Search.FoundBy.CustomerId, Where(Wallets, "customer_id"), Parameter.Text(text)),
    ];

    /// <summary>That of the user with an e-mail address in its stored form.</summary>
    public static Lookup ByEmail(string email) => new(HitKind.User, Search.FoundBy.Email, Where(Users, "email"), Parameter.Text(email));

    /// <summary>That of one thing, by the id as callers see it; null where it cannot be an id of that kind.</summary>
    public static Lookup? Of(string kind, string id)
    {
        if (ByUuid.Any(known => known.Kind == kind))
            return Guid.TryParseExact(id, "D", out var uuid) ? Of(ByUuid.Single(known => known.Kind == kind), uuid) : null;
        return QueryParameters.LongNumber(id) is { } number ? Of(Numbered.Single(known => known.Kind == kind), number) : null;
    }

    private static Lookup Of<T>((string Kind, string Select) kind, T search) =>
        new(kind.Kind, Search.FoundBy.Id, Where(kind.Select, "id"), new NpgsqlParameter<T> { TypedValue = search });

    // A select of several tables ends with the alias and point of the one that is looked in.
    private static string Where(string select, string column) => $"{select}{(select.EndsWith('.') ? "" : " ")}{column} = $1 LIMIT {MaxRows}";
}
