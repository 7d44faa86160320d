using System.Globalization;
using System.Net;
using System.Text;

namespace Sandbox.Inbox.Showing;

/// <summary>Inboxes as pages of HTML that renew themselves every 2 s. Whatever somebody sent is escaped.</summary>
internal static class InboxPage
{
    /// <summary>How many characters of a body a page shows; the JSON has all.</summary>
    public const int MaxBody = 4_096;

    private const string Head =
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="refresh" content="2">
        <meta name="viewport" content="width=device-width">
        <title>Inbox</title>
        <style>
        body { font: 15px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #222; background: #fff }
        table { border-collapse: collapse } th, td { text-align: left; padding: .2em 1.2em .2em 0; vertical-align: top }
        section { border-top: 1px solid #ccc; padding: .8em 0 } h2 { font-size: 1em; margin: 0 }
        pre { background: #f4f4f4; padding: .6em; overflow: auto; max-height: 24em; white-space: pre-wrap; word-break: break-all; margin: .4em 0 }
        .good { color: #176617 } .bad { color: #a51111 } .quiet { color: #666 }
        </style>
        </head>
        <body>

        """;

    private const string Foot = "</body>\n</html>\n";

    /// <summary>The page of one inbox.</summary>
    public static string Of(InboxReply inbox)
    {
        var page = new StringBuilder(Head).Append(CultureInfo.InvariantCulture,
            $"""
            <p><a href="/sandbox/inbox">All inboxes</a></p>
            <h1>Inbox {Escaped(inbox.Name)}</h1>
            <p>{inbox.Received} received, {inbox.Verified} verified, {inbox.Accepted} accepted (2xx), {inbox.Duplicates} duplicates; {inbox.Secrets} secrets.
            Behaviour: {Escaped(TextOf(inbox.Behaviour))}.</p>

            """);
        if (inbox.Deliveries.Count == 0) page.Append("<p class=\"quiet\">Nothing to show yet.</p>\n");
        foreach (var delivery in inbox.Deliveries) Add(page, delivery);
        return page.Append(Foot).ToString();
    }

    /// <summary>The page of all inboxes.</summary>
    public static string Of(InboxList list)
    {
        var page = new StringBuilder(Head)
            .Append("<h1>Inboxes</h1>\n<table>\n<tr><th>Inbox<th>Received<th>Verified<th>Accepted<th>Duplicates<th>Behaviour</tr>\n");
        foreach (var inbox in list.Inboxes)
        {
            var name = Escaped(inbox.Name);
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td><a href=\"/sandbox/inbox/{name}\">{name}</a><td>{inbox.Received}<td>{inbox.Verified}<td>{inbox.Accepted}<td>{inbox.Duplicates}")
                .Append(CultureInfo.InvariantCulture, $"<td>{Escaped(TextOf(inbox.Behaviour))}</tr>\n");
        }

        return page.Append("</table>\n").Append(Foot).ToString();
    }

    private static void Add(StringBuilder page, DeliveryReply delivery)
    {
        var verdict = delivery.Verified == Receiving.DeliveryVerification.Verified ? "good" : "bad";
        var answer = delivery.ResponseStatus is >= 200 and < 300 ? "good" : "bad";
        var status = delivery.ResponseStatus?.ToString(CultureInfo.InvariantCulture) ?? "nothing";
        var headers = string.Join('\n', delivery.Headers.Select(header => $"{header.Key}: {header.Value}"));
        page.Append(CultureInfo.InvariantCulture,
            $"""
            <section>
            <h2>{Escaped(delivery.Type ?? "no type")} <span class="quiet">{Escaped(delivery.Id ?? "no webhook-id")}</span></h2>
            <p>{delivery.ReceivedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff} UTC, attempt {delivery.Attempt},
            <span class="{verdict}">{Escaped(delivery.Verified)}</span>, <span class="{answer}">answered {status}</span></p>
            <pre>{Escaped(Shortened(delivery.Body))}</pre>
            <pre class="quiet">{Escaped(headers)}</pre>
            </section>

            """);
    }

    private static string TextOf(InboxBehaviour behaviour)
    {
        var times = behaviour.Times is { } left ? string.Create(CultureInfo.InvariantCulture, $", {left} times more") : "";
        var share = behaviour.Share < 1 ? string.Create(CultureInfo.InvariantCulture, $", for a part of {behaviour.Share}") : "";
        return $"{behaviour.Behaviour}{share}{times}";
    }

    private static string Shortened(string body) => body.Length <= MaxBody
        ? body
        : string.Create(CultureInfo.InvariantCulture, $"{body.AsSpan(0, MaxBody)}\n... and {body.Length - MaxBody} characters more, which the JSON has.");

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);
}
