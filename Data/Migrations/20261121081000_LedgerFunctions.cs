namespace Data.Migrations;

/// <summary>
/// The ledger's doings, as functions of the database: each is one round trip, and a row's lock is held for no longer than it takes.
/// Part of <see cref="CreateLedger"/>; Data/Ledger calls them. They read what other transactions have committed while they waited
/// for a lock, so they want READ COMMITTED, PostgreSQL's default. Rows are named one by one: with an array PostgreSQL makes a new plan
/// each time, which was a third of a transfer's processor time.
/// </summary>
internal static class LedgerFunctions
{
    public const string Sql = Post + AndCommit + Rest;

    public const string Drop =
        "DROP PROCEDURE post_transfer_and_commit;" +
        "\nDROP FUNCTION open_account, lock_accounts, undo_postings, post_transfer, place_hold, release_hold;";

    private const string Post =
        """

        -- Everybody locks in the order of the ids, so nobody waits in a circle.
        CREATE FUNCTION lock_accounts(account_ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            FOR n IN 1 .. cardinality(account_ids) LOOP
                PERFORM FROM accounts WHERE id = account_ids[n] FOR NO KEY UPDATE;
            END LOOP;
        END $$;

        CREATE FUNCTION undo_postings(account_ids bigint[], amounts numeric[], up_to integer, hold holds) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            FOR n IN 1 .. up_to LOOP
                UPDATE accounts
                SET balance = balance - amounts[n], held = held + CASE WHEN id = hold.account_id THEN hold.amount ELSE 0 END
                WHERE id = account_ids[n];
            END LOOP;
        END $$;

        -- posted, already_posted, insufficient_balance, no_hold. Anything but posted has changed nothing. account_ids must ascend.
        CREATE FUNCTION post_transfer(
            with_reference text, of_kind text, in_currency text, account_ids bigint[], amounts numeric[], using_hold text DEFAULT NULL)
        RETURNS text LANGUAGE plpgsql AS $$
        DECLARE
            hold holds;
            freed numeric := 0;
            after numeric;
            balances_after numeric[];
            account accounts;
        BEGIN
            IF using_hold IS NOT NULL THEN
                -- A hold comes and goes under its account's lock: this look at it is the last word.
                PERFORM lock_accounts(account_ids);
                SELECT * INTO hold FROM holds WHERE reference = using_hold AND account_id = ANY (account_ids);
                IF NOT FOUND THEN
                    RETURN CASE WHEN EXISTS (SELECT FROM transfers WHERE reference = with_reference) THEN 'already_posted' ELSE 'no_hold' END;
                END IF;
            END IF;

            -- Locks, checks and moves in one; what does not come to an end is taken back.
            FOR n IN 1 .. cardinality(account_ids) LOOP
                IF n > 1 AND account_ids[n] <= account_ids[n - 1] THEN
                    RAISE EXCEPTION 'Transfer % names accounts % out of order.', with_reference, account_ids;
                END IF;
                IF using_hold IS NOT NULL THEN
                    freed := CASE WHEN account_ids[n] = hold.account_id THEN hold.amount ELSE 0 END;
                END IF;
                UPDATE accounts SET balance = balance + amounts[n], held = held - freed
                WHERE id = account_ids[n] AND currency = in_currency AND (kind = 'bank' OR balance + amounts[n] >= held - freed)
                RETURNING balance INTO after;
                IF NOT FOUND THEN
                    SELECT * INTO account FROM accounts WHERE id = account_ids[n];
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'Transfer % names account %, which is not there.', with_reference, account_ids[n];
                    ELSIF account.currency <> in_currency THEN
                        RAISE EXCEPTION 'Transfer % is in %, and account % (%) takes nothing but %.',
                            with_reference, in_currency, account.id, account.owner, account.currency;
                    END IF;
                    PERFORM undo_postings(account_ids, amounts, n - 1, hold);
                    RETURN CASE WHEN EXISTS (SELECT FROM transfers WHERE reference = with_reference) THEN 'already_posted' ELSE 'insufficient_balance' END;
                END IF;
                balances_after[n] := after;
            END LOOP;

            WITH made AS (
                INSERT INTO transfers (reference, kind, currency) VALUES (with_reference, of_kind, in_currency)
                ON CONFLICT (reference) DO NOTHING RETURNING id)
            INSERT INTO entries (transfer_id, account_id, amount, balance_after)
            SELECT made.id, p.id, p.amount, p.balance_after FROM made, unnest(account_ids, amounts, balances_after) AS p (id, amount, balance_after);
            IF NOT FOUND THEN
                PERFORM undo_postings(account_ids, amounts, cardinality(account_ids), hold);
                RETURN 'already_posted';
            END IF;
            IF using_hold IS NOT NULL THEN
                DELETE FROM holds WHERE reference = using_hold;
            END IF;
            RETURN 'posted';
        END $$;

        """;

    private const string AndCommit =
        """

        -- In a transaction of its own, whose locks go before the disk is waited for; see Data.Ledger.CommitLedger.
        CREATE PROCEDURE post_transfer_and_commit(
            with_reference text, of_kind text, in_currency text, account_ids bigint[], amounts numeric[], using_hold text, INOUT outcome text)
        LANGUAGE plpgsql AS $$
        BEGIN
            outcome := post_transfer(with_reference, of_kind, in_currency, account_ids, amounts, using_hold);
            IF outcome = 'posted' THEN
                PERFORM set_config('synchronous_commit', 'off', true);
                COMMIT;
                PERFORM pg_logical_emit_message(true, 'ledger', '');
            END IF;
        END $$;

        """;

    private const string Rest =
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

        CREATE FUNCTION place_hold(with_reference text, on_account bigint, of_amount numeric) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE
            account accounts;
            there holds;
        BEGIN
            SELECT * INTO account FROM accounts WHERE id = on_account FOR NO KEY UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'Hold % names account %, which is not there.', with_reference, on_account;
            END IF;
            SELECT * INTO there FROM holds WHERE reference = with_reference;
            IF FOUND THEN
                IF there.account_id <> on_account OR there.amount <> of_amount THEN
                    RAISE EXCEPTION 'Hold % is there already, of % on account %.', with_reference, there.amount, there.account_id;
                END IF;
                RETURN true;
            ELSIF account.balance - account.held < of_amount THEN
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
}
