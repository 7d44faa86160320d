namespace Data.Migrations;

/// <summary>What no statement can get past, whoever sends it: part of <see cref="CreateLedger"/>.</summary>
internal static class LedgerRules
{
    public const string Sql =
        """

        -- At the end of the transaction, because a transfer is there before its entries.
        CREATE FUNCTION refuse_unbalanced_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            of_transfer bigint;
            total numeric;
            entries_found bigint;
        BEGIN
            IF TG_TABLE_NAME = 'transfers' THEN of_transfer := NEW.id; ELSE of_transfer := NEW.transfer_id; END IF;
            SELECT sum(amount), count(*) INTO total, entries_found FROM entries WHERE transfer_id = of_transfer;
            IF entries_found < 2 OR total <> 0 THEN
                RAISE EXCEPTION 'Transfer % has % entries that sum to %; it needs two or more that sum to 0.', of_transfer, entries_found, coalesce(total, 0)
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'transfers_balanced';
            END IF;
            RETURN NULL;
        END $$;

        CREATE CONSTRAINT TRIGGER transfers_balanced AFTER INSERT ON transfers
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_transfer();
        CREATE CONSTRAINT TRIGGER entries_balanced AFTER INSERT ON entries
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_transfer();

        CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% of % is refused: money that has moved stays on record. Post a transfer the other way.', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
        END $$;

        CREATE TRIGGER transfers_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers EXECUTE FUNCTION refuse_rewriting();
        CREATE TRIGGER entries_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON entries EXECUTE FUNCTION refuse_rewriting();

        """;

    public const string Drop = "DROP FUNCTION refuse_unbalanced_transfer, refuse_rewriting;";
}
