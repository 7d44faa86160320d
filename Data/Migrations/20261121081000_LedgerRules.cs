namespace Data.Migrations;

/// <summary>What no statement can get past, whoever sends it: part of <see cref="CreateLedger"/>.</summary>
internal static class LedgerRules
{
    public const string Sql =
        """

        -- At the end of the transaction, because a transfer is there before its entries.
        CREATE FUNCTION refuse_unbalanced_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            total numeric;
            entries_found bigint;
        BEGIN
            SELECT coalesce(sum(amount), 0), count(*) INTO total, entries_found FROM entries WHERE transfer_id = NEW.id;
            IF entries_found < 2 OR total <> 0 THEN
                RAISE EXCEPTION 'Transfer % has % entries that sum to %; it needs two or more that sum to 0.', NEW.id, entries_found, total
                    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
            END IF;
            RETURN NULL;
        END $$;

        CREATE CONSTRAINT TRIGGER transfers_balanced AFTER INSERT ON transfers
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_transfer();

        -- Once a statement. Two foreign keys on entries took a third of a transfer's processor time (four locks of rows that are locked anyway);
        -- this one look says what they say, and more: the currency is the account's, and what is added to an old transfer sums to 0 by itself.
        CREATE FUNCTION refuse_stray_entries() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
        DECLARE
            stray bigint;
        BEGIN
            SELECT i.transfer_id INTO stray
            FROM inserted i LEFT JOIN transfers t ON t.id = i.transfer_id LEFT JOIN accounts a ON a.id = i.account_id AND a.currency = t.currency
            GROUP BY i.transfer_id HAVING sum(i.amount) <> 0 OR count(a.id) < count(*) LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'Entries added to transfer % do not sum to 0, or are of a transfer or account that is not there or in another currency.', stray
                    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
            END IF;
            RETURN NULL;
        END $$;

        CREATE TRIGGER entries_belong AFTER INSERT ON entries
            REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION refuse_stray_entries();

        CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% of % is refused: money that has moved stays on record. Post a transfer the other way.', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
        END $$;

        CREATE TRIGGER transfers_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers EXECUTE FUNCTION refuse_rewriting();
        CREATE TRIGGER entries_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON entries EXECUTE FUNCTION refuse_rewriting();
        CREATE TRIGGER accounts_stay BEFORE UPDATE OF id, owner, kind, currency OR DELETE OR TRUNCATE ON accounts EXECUTE FUNCTION refuse_rewriting();

        """;

    public const string Drop = "\nDROP FUNCTION refuse_unbalanced_transfer, refuse_stray_entries, refuse_rewriting;";
}
