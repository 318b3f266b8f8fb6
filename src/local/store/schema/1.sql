-- The first layout. Each table keeps JSON records; the columns beside them are for conditions, order and people.
-- Instants are milliseconds since 1970: datetime(due / 1000, 'unixepoch').

CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    receipt TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    stage TEXT,
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    version INTEGER NOT NULL,
    revision INTEGER,
    digest TEXT,
    requester_team TEXT NOT NULL,
    requester_enterprise TEXT,
    requester_user TEXT NOT NULL,
    due INTEGER,
    lease_owner TEXT,
    lease_until INTEGER,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    record TEXT NOT NULL
) STRICT;

-- A role has one open job at a time.
CREATE UNIQUE INDEX jobs_open_role ON jobs (role) WHERE open = 1;
CREATE INDEX jobs_open ON jobs (id) WHERE open = 1;
CREATE INDEX jobs_role ON jobs (role, id);
CREATE INDEX jobs_state ON jobs (state, id);
CREATE INDEX jobs_requester ON jobs (requester_user, id);
-- What nobody holds, by when it is due; and the little that somebody holds, by how long.
CREATE INDEX jobs_due ON jobs (due) WHERE lease_owner IS NULL AND due IS NOT NULL;
CREATE INDEX jobs_held ON jobs (lease_until, due) WHERE lease_owner IS NOT NULL;

CREATE TABLE cases (
    job TEXT NOT NULL REFERENCES jobs (id),
    revision INTEGER NOT NULL,
    made INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (job, revision)
) STRICT;

CREATE TABLE history (
    job TEXT NOT NULL REFERENCES jobs (id),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    state TEXT NOT NULL,
    hash TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (job, number)
) STRICT;

CREATE TRIGGER history_keeps_its_words BEFORE UPDATE ON history BEGIN
    SELECT RAISE(ABORT, 'a history is only ever added to');
END;

CREATE TRIGGER history_keeps_its_entries BEFORE DELETE ON history BEGIN
    SELECT RAISE(ABORT, 'a history is only ever added to');
END;

CREATE TABLE receipts (
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    said TEXT NOT NULL,
    sender TEXT NOT NULL,
    settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
    lease_owner TEXT,
    lease_until INTEGER,
    record TEXT NOT NULL
) STRICT;

CREATE INDEX receipts_due ON receipts (at, seq) WHERE settled = 0 AND lease_owner IS NULL;
CREATE INDEX receipts_held ON receipts (lease_until) WHERE settled = 0 AND lease_owner IS NOT NULL;
CREATE INDEX receipts_settled ON receipts (at) WHERE settled = 1;

-- Rows are delivered in the order of seq within a job. The first one that is neither sent nor given up is its head, and
-- only a head is claimed. A row about no job is always a head until it is settled.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    job TEXT,
    act TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    head INTEGER NOT NULL CHECK (head IN (0, 1)),
    due INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until INTEGER,
    created INTEGER NOT NULL,
    record TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX outbox_head ON outbox (job) WHERE head = 1 AND job IS NOT NULL;
CREATE INDEX outbox_job ON outbox (job, seq);
CREATE INDEX outbox_due ON outbox (due, seq) WHERE head = 1 AND lease_owner IS NULL;
CREATE INDEX outbox_held ON outbox (lease_until, due) WHERE lease_owner IS NOT NULL;
CREATE INDEX outbox_status ON outbox (status, created);

CREATE TABLE posted (
    job TEXT NOT NULL,
    slot TEXT NOT NULL,
    channel TEXT NOT NULL,
    ts TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (job, slot)
) STRICT, WITHOUT ROWID;

-- In whose thread something was said.
CREATE INDEX posted_at ON posted (ts, channel);

CREATE TABLE counters (
    key TEXT NOT NULL,
    width INTEGER NOT NULL,
    start INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    PRIMARY KEY (key, width, start)
) STRICT, WITHOUT ROWID;

CREATE INDEX counters_ends ON counters (ends);

-- Written to whenever somebody asks whether the store can be written to.
CREATE TABLE probe (one INTEGER PRIMARY KEY CHECK (one = 1), writes INTEGER NOT NULL) STRICT;
INSERT INTO probe VALUES (1, 0);
