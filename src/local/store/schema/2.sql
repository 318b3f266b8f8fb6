-- A history is found by its key alone; messages wait in lanes of their job, not in one queue.

CREATE TABLE history_by_key (
    job TEXT NOT NULL REFERENCES jobs (id),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    state TEXT NOT NULL,
    hash TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;

INSERT INTO history_by_key SELECT job, number, at, what, state, hash, record FROM history ORDER BY job, number;
DROP TRIGGER history_keeps_its_words;
DROP TRIGGER history_keeps_its_entries;
DROP TABLE history;
ALTER TABLE history_by_key RENAME TO history;

CREATE TRIGGER history_keeps_its_words BEFORE UPDATE ON history BEGIN
    SELECT RAISE(ABORT, 'a history is only ever added to');
END;

CREATE TRIGGER history_keeps_its_entries BEFORE DELETE ON history BEGIN
    SELECT RAISE(ABORT, 'a history is only ever added to');
END;

-- Rows are delivered in the order of seq within a lane of their job. The first one of a lane that is neither sent nor
-- given up is its head, once the row that it needs (a change of a message its post, say) is done with; and only a head
-- is claimed. A row about no job has no lane, and is a head until it is done with.
CREATE TABLE outbox_by_lane (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    job TEXT,
    lane TEXT,
    needs TEXT,
    act TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    head INTEGER NOT NULL CHECK (head IN (0, 1)),
    due INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until INTEGER,
    created INTEGER NOT NULL,
    done INTEGER,
    record TEXT NOT NULL
) STRICT;

-- What waited in a job's one queue goes on in that order, in its first lane.
INSERT INTO outbox_by_lane
    SELECT seq, id, job, iif(job IS NULL, NULL, 'thread'), NULL, act, status, attempts, head, due, lease_owner,
        lease_until, created, iif(status IN ('sent', 'dead'), created, NULL), record
    FROM outbox ORDER BY seq;
DROP TABLE outbox;
ALTER TABLE outbox_by_lane RENAME TO outbox;

-- The rows of a job, lane by lane, with what tells which wait; the same counts them all.
CREATE INDEX outbox_job ON outbox (job, lane, seq, status);
CREATE INDEX outbox_due ON outbox (due, seq) WHERE head = 1 AND lease_owner IS NULL;
CREATE INDEX outbox_held ON outbox (lease_until, due) WHERE lease_owner IS NOT NULL;
-- What is sent or given up, by when that was.
CREATE INDEX outbox_done ON outbox (status, done) WHERE done IS NOT NULL;
