using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Sandbox.Bank;

/// <summary>
/// Every transfer that the bank has taken on or refused, in memory, for as long as the process lives: a bank that is restarted has never seen
/// any. Nothing is forgotten before.
/// </summary>
internal sealed class Books(Random random)
{
    private const long References = 1L << 48;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Transfer> _byId = [];
    private readonly Channel<Transfer> _taken = Channel.CreateUnbounded<Transfer>();

    /// <summary>Those to be carried out, in the order they came.</summary>
    public ChannelReader<Transfer> Taken => _taken.Reader;

    /// <summary>Enters a request, or finds the one that it repeats.</summary>
    /// <returns>
    /// Null when the transaction is there with other content or under another key. Else the transfer; it stands in the books unless its fate is that
    /// nothing was done, so that the same request may fare better next time.
    /// </returns>
    public (Transfer? Transfer, bool IsNew) Enter(TransferRequest request, string idempotencyKey, Conduct conduct)
    {
        lock (_gate)
        {
            if (_byId.TryGetValue(request.TransactionId, out var known))
                return (known.Request == request && known.IdempotencyKey == idempotencyKey ? known : null, false);

            var fate = Fate.Of(conduct, request.IsWithdrawal, random);
            var reference = $"{(request.IsWithdrawal ? "WTH" : "DEP")}-{random.NextInt64(References):X12}";
            var transfer = new Transfer(request, idempotencyKey, fate, reference);
            if (fate.Course is not null || fate.Refusal is not null) _byId[request.TransactionId] = transfer;
            if (fate.Course is not null) _taken.Writer.TryWrite(transfer);
            return (transfer, true);
        }
    }

    /// <summary>The transfer, if it was taken on. One that was refused at once was not.</summary>
    public bool TryFind(long transactionId, [NotNullWhen(true)] out Transfer? transfer)
    {
        lock (_gate) return _byId.TryGetValue(transactionId, out transfer) && transfer.Fate.Course is not null;
    }

    /// <summary>Writes its result down.</summary>
    public void Settle(Transfer transfer)
    {
        lock (_gate) transfer.IsSettled = true;
    }
}
