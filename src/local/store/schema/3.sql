-- Notes that processes keep between them, each changed only by whoever saw how it stood.

CREATE TABLE notes (
    key TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
