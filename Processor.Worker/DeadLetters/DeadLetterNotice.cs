using Contracts;
using Data.DeadLetters;
using Data.Notices;

namespace Processor.Worker.DeadLetters;

/// <summary>What operators are told of dead letters: once an hour for each topic and reason.</summary>
internal static class DeadLetterNotice
{
    /// <summary>The notice of a record that was put aside.</summary>
    public static NewNotice Of(DeadRecord letter) => new(
        WebhookEvents.OperationsDeadLetter, $"dead_letter:{letter.Origin.Topic}:{letter.Reason}",
        $"A record of {letter.Origin.Topic} was put aside ({letter.Reason}): {letter.Detail}", WhatToDo(letter.Reason),
        $"/admin/dlq?topic={Uri.EscapeDataString(letter.Origin.Topic)}");

    private static string WhatToDo(string reason) => reason switch
    {
        DeadLetterReason.Undecodable => "Somebody else wrote to the topic, or a record was damaged: redrive it repaired, or delete it.",
        DeadLetterReason.GivenUp => "The payment is failed. Redrive it once the bank takes payments again: it is opened again, and the bank is asked first.",
        DeadLetterReason.Refused => "PostgreSQL, or our code, fails on this record alone: mend what the detail names, then redrive it.",
        _ => "No row has its id, as after a restore from a backup: redrive it once the row is there again, or delete it.",
    };
}
