namespace Data.Migrations;

/// <summary>
/// The ledger's doings, as functions of the database: each is one round trip, and a row's lock is held for no longer than it takes.
/// Part of <see cref="CreateLedger"/>; Data/Ledger calls them. They read what other transactions have committed while they waited
/// for a lock, so they want READ COMMITTED, PostgreSQL's default.
/// </summary>
internal static class LedgerFunctions
{
    public const string Sql =
        """

        CREATE FUNCTION open_account(of_owner text, of_kind text, in_currency text) RETURNS bigint LANGUAGE plpgsql AS $$
        DECLARE
            found_id bigint;
        BEGIN
            LOOP
                SELECT id INTO found_id FROM accounts WHERE owner = of_owner AND currency = in_currency;
                EXIT WHEN FOUND;
                INSERT INTO accounts (owner, kind, currency) VALUES (of_owner, of_kind, in_currency)
                ON CONFLICT (owner, currency) DO NOTHING RETURNING id INTO found_id;
                EXIT WHEN FOUND;
            END LOOP;
            RETURN found_id;
        END $$;

        -- posted, already_posted, insufficient_balance, no_hold. Anything but posted has changed nothing.
        CREATE FUNCTION post_transfer(
            with_reference text, of_kind text, in_currency text, account_ids bigint[], amounts numeric[], using_hold text DEFAULT NULL)
        RETURNS text LANGUAGE plpgsql AS $$
        DECLARE
            hold holds%ROWTYPE;
            found_accounts integer;
            wrong_account bigint;
            is_lacking boolean;
            new_id bigint;
        BEGIN
            IF using_hold IS NOT NULL THEN
                -- A hold comes and goes under its account's lock: this look at it is the last word.
                PERFORM FROM accounts WHERE id = ANY (account_ids) ORDER BY id FOR NO KEY UPDATE;
                SELECT * INTO hold FROM holds WHERE reference = using_hold AND account_id = ANY (account_ids);
                IF NOT FOUND THEN
                    RETURN CASE WHEN EXISTS (SELECT FROM transfers WHERE reference = with_reference) THEN 'already_posted' ELSE 'no_hold' END;
                END IF;
            END IF;

            -- Everybody locks in this order, so nobody waits in a circle.
            SELECT count(*), min(id) FILTER (WHERE currency <> in_currency), coalesce(bool_or(kind <> 'bank' AND available_after < 0), false)
            INTO found_accounts, wrong_account, is_lacking
            FROM (
                SELECT a.id, a.kind, a.currency,
                    a.balance - a.held + p.amount + CASE WHEN a.id = hold.account_id THEN hold.amount ELSE 0 END AS available_after
                FROM unnest(account_ids, amounts) AS p (id, amount) JOIN accounts a ON a.id = p.id
                ORDER BY a.id FOR NO KEY UPDATE OF a) AS locked;
            IF found_accounts <> cardinality(account_ids) THEN
                RAISE EXCEPTION 'Transfer % names accounts that are not there: only % of % are.', with_reference, found_accounts, account_ids;
            ELSIF wrong_account IS NOT NULL THEN
                RAISE EXCEPTION 'Transfer % is in %, which account % does not take.', with_reference, in_currency,
                    (SELECT format('%s (%s, in %s)', id, owner, currency) FROM accounts WHERE id = wrong_account);
            ELSIF is_lacking THEN
                RETURN CASE WHEN EXISTS (SELECT FROM transfers WHERE reference = with_reference) THEN 'already_posted' ELSE 'insufficient_balance' END;
            END IF;

            INSERT INTO transfers (reference, kind, currency) VALUES (with_reference, of_kind, in_currency)
            ON CONFLICT (reference) DO NOTHING RETURNING id INTO new_id;
            IF NOT FOUND THEN
                RETURN 'already_posted';
            END IF;

            IF using_hold IS NOT NULL THEN
                DELETE FROM holds WHERE reference = using_hold;
            END IF;
            WITH moved AS (
                UPDATE accounts a
                SET balance = a.balance + p.amount, held = a.held - CASE WHEN a.id = hold.account_id THEN hold.amount ELSE 0 END
                FROM unnest(account_ids, amounts) AS p (id, amount) WHERE a.id = p.id
                RETURNING a.id, p.amount, a.balance)
            INSERT INTO entries (transfer_id, account_id, amount, balance_after) SELECT new_id, id, amount, balance FROM moved;
            RETURN 'posted';
        END $$;

        -- One after the other; in of_transfer each posting says whose it is, from 1 on.
        CREATE FUNCTION post_transfers(
            with_references text[], of_kinds text[], in_currencies text[], using_holds text[],
            of_transfer integer[], account_ids bigint[], amounts numeric[])
        RETURNS SETOF text LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM FROM accounts WHERE id = ANY (account_ids) ORDER BY id FOR NO KEY UPDATE;
            FOR n IN 1 .. cardinality(with_references) LOOP
                RETURN NEXT post_transfer(
                    with_references[n], of_kinds[n], in_currencies[n],
                    ARRAY(SELECT id FROM unnest(of_transfer, account_ids) AS p (of, id) WHERE of = n),
                    ARRAY(SELECT amount FROM unnest(of_transfer, amounts) AS p (of, amount) WHERE of = n),
                    using_holds[n]);
            END LOOP;
        END $$;

        CREATE FUNCTION place_hold(with_reference text, on_account bigint, of_amount numeric) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE
            available numeric;
            there holds%ROWTYPE;
        BEGIN
            SELECT balance - held INTO available FROM accounts WHERE id = on_account FOR NO KEY UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'Hold % names account %, which is not there.', with_reference, on_account;
            END IF;
            SELECT * INTO there FROM holds WHERE reference = with_reference;
            IF FOUND THEN
                IF there.account_id <> on_account OR there.amount <> of_amount THEN
                    RAISE EXCEPTION 'Hold % is there already, of % on account %.', with_reference, there.amount, there.account_id;
                END IF;
                RETURN true;
            ELSIF available < of_amount THEN
                RETURN false;
            END IF;
            INSERT INTO holds (reference, account_id, amount) VALUES (with_reference, on_account, of_amount);
            UPDATE accounts SET held = held + of_amount WHERE id = on_account;
            RETURN true;
        END $$;

        -- False: there is none (any more).
        CREATE FUNCTION release_hold(of_reference text) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE
            on_account bigint;
            freed numeric;
        BEGIN
            -- The account's lock comes before the hold's, here as everywhere.
            SELECT account_id INTO on_account FROM holds WHERE reference = of_reference;
            PERFORM FROM accounts WHERE id = on_account FOR NO KEY UPDATE;
            DELETE FROM holds WHERE reference = of_reference AND account_id = on_account RETURNING amount INTO freed;
            IF NOT FOUND THEN
                RETURN false;
            END IF;
            UPDATE accounts SET held = held - freed WHERE id = on_account;
            RETURN true;
        END $$;

        """;

    public const string Drop = "\nDROP FUNCTION open_account, post_transfer, post_transfers, place_hold, release_hold;";
}
