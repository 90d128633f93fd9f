package store

// schemaVersion is the version of the tables that this program writes, in every database. It reads
// files of all before it, and brings one up to it when it opens it for writing.
const schemaVersion = 5

// migrations bring a file from each version to the next: what is at 0 makes version 1. Times are
// milliseconds since 1970 UTC. They never change; new tables are a new version, here and in
// serverMigrations.
//
// The words of version 2 are those of the thread schema of livekit/protocol v1.54.0
// (livekit/agent/thread_schema_v1.sql) where it has one: pos is the order of insertion and never
// reused, id the key that an upsert goes by, ts_ms when something was, status and updated_at what
// became of it, version a count that every change raises. Those of version 3 are too: message_id is
// the name that a client gives a message, for idempotency. It has no word for rooms, and none for
// what a message answers or is for.
func migrations() []string { return []string{transcripts, memories, chats, aloud, keys} }

const transcripts = `
CREATE TABLE utterance (
	id          INTEGER PRIMARY KEY,
	room        TEXT    NOT NULL,
	session     TEXT    NOT NULL,
	turn        INTEGER NOT NULL,
	participant TEXT    NOT NULL,
	role        TEXT    NOT NULL CHECK (role IN ('human', 'persona')),
	text        TEXT    NOT NULL,
	start_ms    INTEGER NOT NULL,
	end_ms      INTEGER NOT NULL CHECK (end_ms >= start_ms)
) STRICT;
CREATE INDEX utterance_room ON utterance (room, start_ms);
CREATE INDEX utterance_end  ON utterance (end_ms);
`

// Of what was forgotten the id stays, which is a digest: a process that still had the memory cannot
// bring it back.
const memories = `
CREATE TABLE memory (
	pos           INTEGER PRIMARY KEY AUTOINCREMENT,
	id            TEXT    NOT NULL UNIQUE,
	persona       TEXT    NOT NULL,
	room          TEXT    NOT NULL,
	subject       TEXT    NOT NULL,
	kind          TEXT    NOT NULL,
	text          TEXT    NOT NULL,
	sources       TEXT    NOT NULL,
	speaker       TEXT    NOT NULL,
	trust         TEXT    NOT NULL,
	status        TEXT    NOT NULL,
	reason        TEXT    NOT NULL,
	count         INTEGER NOT NULL CHECK (count > 0),
	ts_ms         INTEGER NOT NULL,
	updated_at    INTEGER NOT NULL,
	expires_at    INTEGER,
	ended_at      INTEGER,
	superseded_by TEXT    NOT NULL,
	version       INTEGER NOT NULL
) STRICT;
CREATE INDEX memory_persona ON memory (persona, room, status);
CREATE TABLE memory_forgotten (
	id         TEXT    PRIMARY KEY,
	persona    TEXT    NOT NULL,
	reason     TEXT    NOT NULL,
	ts_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX memory_forgotten_ts ON memory_forgotten (ts_ms);
`

// A room is named by its handle from here on; in utterance and memory, which are older, by its
// name. What a message answers may have been deleted: nothing refers to it by more than its id. The
// lists of a turn are JSON.
const chats = `
CREATE TABLE room (
	pos    INTEGER PRIMARY KEY AUTOINCREMENT,
	handle TEXT    NOT NULL UNIQUE,
	name   TEXT    NOT NULL UNIQUE,
	ts_ms  INTEGER NOT NULL
) STRICT;
CREATE TABLE chat (
	pos         INTEGER PRIMARY KEY AUTOINCREMENT,
	id          TEXT    NOT NULL UNIQUE,
	room        TEXT    NOT NULL REFERENCES room (handle),
	message_id  TEXT,
	participant TEXT    NOT NULL,
	role        TEXT    NOT NULL CHECK (role IN ('human', 'persona')),
	text        TEXT    NOT NULL,
	recipients  TEXT    NOT NULL,
	reply_to    TEXT,
	ts_ms       INTEGER NOT NULL
) STRICT;
CREATE INDEX chat_room ON chat (room, pos);
CREATE INDEX chat_ts   ON chat (ts_ms);
CREATE UNIQUE INDEX chat_message ON chat (room, participant, message_id) WHERE message_id IS NOT NULL;
CREATE TABLE turn (
	pos          INTEGER PRIMARY KEY AUTOINCREMENT,
	room         TEXT    NOT NULL REFERENCES room (handle),
	session      TEXT    NOT NULL,
	number       INTEGER NOT NULL,
	trigger_kind TEXT    NOT NULL,
	participant  TEXT    NOT NULL,
	message      TEXT    NOT NULL,
	fingerprint  TEXT    NOT NULL,
	outcomes     TEXT    NOT NULL,
	silences     TEXT    NOT NULL,
	divergences  TEXT    NOT NULL,
	begin_ms     INTEGER NOT NULL,
	end_ms       INTEGER NOT NULL CHECK (end_ms >= begin_ms),
	UNIQUE (room, session, number)
) STRICT;
CREATE INDEX turn_message ON turn (message) WHERE message <> '';
CREATE INDEX turn_end ON turn (end_ms);
`

// A reply is in the chat before it is spoken: spoken says how far that has come, heard what people
// heard where it is not all. Both are empty for what nobody speaks, and for what is older.
const aloud = `
ALTER TABLE chat ADD COLUMN spoken TEXT NOT NULL DEFAULT '';
ALTER TABLE chat ADD COLUMN heard  TEXT NOT NULL DEFAULT '';
`

// An utterance has a key, so that a batch of which nobody knows whether it was written can be
// written again, and a store be copied.
const keys = `
ALTER TABLE utterance ADD COLUMN key TEXT;
UPDATE utterance SET key = 'u_' || lower(hex(randomblob(10)));
CREATE UNIQUE INDEX utterance_key ON utterance (key);
`
