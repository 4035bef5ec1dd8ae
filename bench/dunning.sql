-- The dunning bench's statements by name: the book, the bare selection, and what a night changes.

-- name: customers
INSERT INTO customer (company, connection, key, name, state, state_since, placeholder, known_from, run_id)
SELECT CASE WHEN n % 10 = 0 THEN '' ELSE '01' END, 'erp', 'C' || n, 'Customer ' || n,
    CASE n % 200 WHEN 0 THEN 'legal' WHEN 1 THEN 'insolvent' WHEN 2 THEN 'do_not_contact' ELSE 'active' END,
    CASE WHEN n % 200 < 3 THEN CAST(:as_of AS date) - 40 END, false, now(), 1
FROM generate_series(0, :debtors - 1) n

-- name: items
INSERT INTO item (company, connection, key, customer, debtor, kind, item_class, state, currency, amount, open_amount,
    document_on, due_on, posted_on, due_derived, document_no, document_type, applies_to, disputed_amount,
    dunning_block, dunning_level, last_dunned_on, reopened_on, known_from, run_id)
SELECT '01', 'erp', 'RI|' || lpad(n::text, 8, '0') || '|001', 'C' || d, 'C' || d,
    CASE WHEN a < 0 THEN 'credit_note' ELSE 'invoice' END,
    CASE n % 50 WHEN 1 THEN 'direct_debit' WHEN 2 THEN 'draft' ELSE 'normal' END, 'open',
    CASE WHEN d % 10 = 3 THEN (ARRAY['USD', 'JPY', 'KWD'])[1 + n % 3] ELSE 'EUR' END, a, a,
    due - 30, due, due - 30, false, n::text, 'RI',
    CASE WHEN abs(hashint4(n::int)) % 100 = 0 THEN 'RI|' || lpad((n - :debtors)::text, 8, '0') || '|001' END,
    CASE WHEN n % 40 = 7 THEN a / 3 WHEN n % 160 = 9 THEN a END,
    CASE WHEN n % 300 = 11 THEN 'X' END, CASE WHEN n % 30 = 13 THEN 1 END,
    CASE WHEN n % 600 = 13 THEN CAST(:as_of AS date) - (n % 40)::int END,
    CASE WHEN n % 500 = 17 THEN CAST(:as_of AS date) - (n % 12)::int END, now(), 1
FROM (SELECT n, n % :debtors AS d, CAST(:as_of AS date) + 30 - abs(hashint4(n::int + 7)) % 120 AS due,
    (CASE WHEN abs(hashint4(n::int)) % 20 = 0 THEN -1 ELSE 1 END) * (10000 + abs(hashint8(n)) % 50000000)::bigint / 10000 * 10000 AS a
    FROM generate_series(1, :items) n) made

-- name: feed
INSERT INTO company_feed (company, connection, generation) VALUES ('01', 'erp', 1)

-- name: levels
INSERT INTO item_dunning (company, connection, item, level, level_on, hand_set)
SELECT '01', 'erp', i.key,
    greatest(0, CASE WHEN late >= 35 THEN 3 WHEN late >= 21 THEN 2 ELSE 1 END - abs(hashint8(late * 31)) % 2),
    CAST(:as_of AS date) - 15, abs(hashtext(i.key)) % 97 = 0
FROM (SELECT key, CAST(:as_of AS date) - due_on AS late, open_amount, item_class FROM item) i
WHERE late >= 7 AND open_amount > 0 AND item_class = 'normal' AND abs(hashtext(i.key)) % 10 < 8

-- name: clocks
INSERT INTO debtor_dunning (company, connection, debtor, currency, last_sent_on)
SELECT '01', 'erp', debtor, currency, CAST(:as_of AS date) - 1 - abs(hashtext(debtor)) % 14
FROM item WHERE due_on <= CAST(:as_of AS date) - 7 GROUP BY debtor, currency

-- name: blocks
INSERT INTO block (company, connection, debtor, item, reason, from_on, until_on, made_at, made_by)
SELECT '01', 'erp', i.debtor, CASE WHEN n % 2 = 0 THEN i.key END, 'talks', CAST(:as_of AS date) - 9,
    CASE WHEN n % 3 = 0 THEN CAST(:as_of AS date) + 5 WHEN n % 3 = 1 THEN CAST(:as_of AS date) - 3 END, now(), 'bench'
FROM (SELECT debtor, key, row_number() OVER (ORDER BY key) AS n FROM item WHERE abs(hashtext(key)) % 500 = 1) i

-- name: bare
WITH person AS (
    SELECT connection, key, state, state_since, dunning_block, last_dunned_on FROM customer
    WHERE company = '01'
    UNION ALL
    SELECT connection, key, state, state_since, dunning_block, last_dunned_on FROM customer c
    WHERE company = '' AND NOT EXISTS (SELECT FROM customer o
        WHERE o.company = '01' AND o.connection = c.connection AND o.key = c.key)
), held AS (
    SELECT connection, debtor, item FROM block
    WHERE company = '01' AND from_on <= :as_of AND lifted_at IS NULL AND (until_on IS NULL OR until_on > DATE '2026-03-29')
), live AS MATERIALIZED (
    SELECT i.connection, i.key, i.debtor, i.currency, i.due_on, i.open_amount, i.applies_to,
        coalesce(i.disputed_amount, 0) AS disputed, coalesce(d.level, i.dunning_level, 0) AS level,
        coalesce(d.hand_set, false) AS hand_set, p.last_dunned_on AS debtor_dunned_on,
        CASE WHEN i.due_on <= DATE '2026-02-24' THEN 3 WHEN i.due_on <= DATE '2026-03-10' THEN 2
            WHEN i.due_on <= DATE '2026-03-24' THEN 1 ELSE 0 END AS ripe
    FROM item i
    JOIN person p ON p.connection = i.connection AND p.key = i.debtor
    LEFT JOIN item_dunning d ON d.company = i.company AND d.connection = i.connection AND d.item = i.key
    WHERE i.company = '01' AND i.state = 'open' AND i.open_amount <> 0 AND i.item_class = 'normal'
        AND (i.due_on < :as_of OR i.open_amount < 0) AND i.dunning_block IS NULL AND p.dunning_block IS NULL
        AND (p.state = 'active' OR p.state = 'insolvent' AND i.document_on >= p.state_since)
        AND (i.reopened_on IS NULL OR i.reopened_on <= DATE '2026-03-24' OR i.open_amount < 0)
        AND (i.connection, i.debtor) NOT IN (SELECT connection, debtor FROM held WHERE item IS NULL)
        AND (i.connection, i.key) NOT IN (SELECT connection, item FROM held WHERE item IS NOT NULL)
), own AS (
    SELECT c.connection, c.debtor, c.currency, c.applies_to AS key,
        least(sum(-c.open_amount), t.open_amount)::bigint AS used
    FROM live c JOIN item t ON t.company = '01' AND t.connection = c.connection AND t.key = c.applies_to
        AND t.debtor = c.debtor AND t.currency = c.currency AND t.state = 'open' AND t.open_amount > 0
    WHERE c.open_amount < 0 GROUP BY c.connection, c.debtor, c.currency, c.applies_to, t.open_amount
), pool AS (
    SELECT connection, debtor, currency, sum(amount)::bigint AS pool FROM (
        SELECT connection, debtor, currency, -open_amount AS amount FROM live WHERE open_amount < 0
        UNION ALL SELECT connection, debtor, currency, -used FROM own) given
    GROUP BY connection, debtor, currency
), part AS (
    SELECT l.*, greatest(0, l.open_amount - coalesce(o.used, 0) - l.disputed) AS part, coalesce(p.pool, 0) AS pool
    FROM live l LEFT JOIN own o ON o.connection = l.connection AND o.key = l.key
    LEFT JOIN pool p ON p.connection = l.connection AND p.debtor = l.debtor AND p.currency = l.currency
    WHERE l.open_amount > 0
), demand AS (
    SELECT connection, debtor, currency, level, hand_set, ripe, debtor_dunned_on, part AS demand FROM part WHERE pool <= 0
    UNION ALL
    SELECT connection, debtor, currency, level, hand_set, ripe, debtor_dunned_on,
        least(part, sum(part) OVER (PARTITION BY connection, debtor, currency ORDER BY due_on, key
            ROWS UNBOUNDED PRECEDING)::bigint - pool)
    FROM part WHERE pool > 0 AND part > 0
), letter AS (
    SELECT connection, debtor, currency, sum(demand)::bigint AS demanded, max(debtor_dunned_on) AS debtor_dunned_on,
        least(3, max(CASE WHEN hand_set OR ripe <= level THEN level ELSE level + 1 END)) AS level
    FROM demand WHERE demand > 0 GROUP BY connection, debtor, currency
    HAVING bool_or(NOT hand_set AND ripe > level)
), dunned AS (
    SELECT connection, debtor, currency, max(last_dunned_on) AS dunned_on FROM item
    WHERE company = '01' AND state IN ('open', 'gone') AND last_dunned_on IS NOT NULL
    GROUP BY connection, debtor, currency
)
SELECT l.connection, l.debtor, l.currency, l.level, l.demanded
FROM letter l
LEFT JOIN debtor_dunning d ON d.company = '01' AND d.connection = l.connection AND d.debtor = l.debtor
    AND d.currency = l.currency
LEFT JOIN dunned e ON e.connection = l.connection AND e.debtor = l.debtor AND e.currency = l.currency
WHERE coalesce(greatest(d.last_sent_on, e.dunned_on, l.debtor_dunned_on), DATE '1900-01-01') <= DATE '2026-03-17'
    AND l.demanded >= CASE l.currency WHEN 'EUR' THEN 100000 WHEN 'USD' THEN 100000 WHEN 'JPY' THEN 15000000
        WHEN 'KWD' THEN 30000 END
    AND NOT EXISTS (SELECT FROM notice n WHERE n.company = '01' AND n.connection = l.connection
        AND n.debtor = l.debtor AND n.currency = l.currency AND n.item = '' AND n.state IN ('approved', 'in_doubt'))

-- name: sent_levels
INSERT INTO item_dunning (company, connection, item, level, level_on, hand_set)
SELECT company, connection, item, split_part(parameters, ';', 1)::int, :as_of, false FROM decision WHERE code = 'rises'
ON CONFLICT (company, connection, item) DO UPDATE SET level = excluded.level, level_on = excluded.level_on

-- name: sent_clocks
INSERT INTO debtor_dunning (company, connection, debtor, currency, last_sent_on)
SELECT DISTINCT i.company, i.connection, i.debtor, i.currency, CAST(:as_of AS date) FROM decision d
JOIN item i ON i.company = d.company AND i.connection = d.connection AND i.key = d.item WHERE d.code = 'rises'
ON CONFLICT (company, connection, debtor, currency) DO UPDATE SET last_sent_on = excluded.last_sent_on

-- name: paid
UPDATE item SET state = 'cleared', open_amount = 0 WHERE abs(hashtext(key)) % 100 = 42
