namespace Data.Migrations;

/// <summary>What no statement can get past, whoever sends it: part of <see cref="CreateLedger"/>.</summary>
internal static class LedgerRules
{
    public const string Sql =
        """

        -- A transfer and its entries come by one statement. One entry that is there is two at least: entries_belong says that they sum to 0, and none is 0. No joins but
        -- by key, however few rows there were when the plan was made.
        CREATE FUNCTION refuse_bare_transfers() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
        DECLARE
            bare bigint;
        BEGIN
            SELECT id INTO bare FROM inserted WHERE NOT EXISTS (SELECT FROM entries WHERE transfer_id = inserted.id) LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'Transfer % has no entries; they must be inserted by the statement that inserts it.', bare
                    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
            END IF;
            RETURN NULL;
        END $$;

        CREATE TRIGGER transfers_balanced AFTER INSERT ON transfers
            REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION refuse_bare_transfers();

        -- Once a statement. Two foreign keys on entries took a third of a transfer's processor time (four locks of rows that are locked anyway);
        -- this one look says what they say, and more: the currency is the account's, and what is added to an old transfer sums to 0 by itself.
        CREATE FUNCTION refuse_stray_entries() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
        DECLARE
            stray bigint;
        BEGIN
            SELECT i.transfer_id INTO stray
            FROM inserted i LEFT JOIN transfers t ON t.id = i.transfer_id LEFT JOIN accounts a ON a.id = i.account_id
            GROUP BY i.transfer_id HAVING sum(i.amount) <> 0 OR count(*) FILTER (WHERE a.currency = t.currency) < count(*) LIMIT 1;
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

    public const string Drop = "\nDROP FUNCTION refuse_bare_transfers, refuse_stray_entries, refuse_rewriting;";
}
