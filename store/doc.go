// Package store keeps what was said and written in rooms, what came of each turn, and what personas
// remember: in one SQLite file, or in a PostgreSQL database.
//
// In: utterances, messages and turns of people and personas, and memories as package memory
// decides on them. Out: the same: utterances in the order in which they began, messages and turns
// in that in which they were written. The file belongs to whoever opened the DB; a running
// persona and a reader may have it open at once. A file of an older version is brought up to this
// one when it is opened for writing.
//
// # Two databases
//
// A place is the path of a file or a postgres:// address ([Locate]); who has a DB does not see
// which. The statements are the same for both, with $1 for values; what differs is behind the
// interface database: how a writer gets to be alone, where the version stands, what a failed
// commit means. Writers take turns in PostgreSQL as in a file, by an advisory lock of the
// transaction: so that positions become visible in their order, and what is read before it is
// written does not change between. One commit at a time is hundreds a second, where a busy room
// needs five.
//
// The migrations are the store's own, a list of texts for each database under one version number.
// A migration tool would bring a second one: the version of a file stands in its header since its
// first day, older programs look there and nowhere else to refuse what they do not know, so that a
// table of goose's would have to be kept in step with it, and adopted in every old file. What
// goose would do here is twenty lines: all that is missing, in one transaction, under the writer's
// lock.
//
// # Handles and ids
//
// The store alone makes the handles of rooms and the ids of messages: a room gets its handle when
// it is first seen, one for a name, for ever; a message its id when it is handed over. Whoever
// sends a message may give it a key of its own, by which the store knows it again
// ([DB.AddMessage]).
//
// # Memories
//
// A [Remember] is what one persona remembers of one room, at work. Every decision is made on the
// memories of its moment and written in one transaction ([DB.ChangeMemories]), so that two rooms of
// one persona, and a command beside them, never undo each other. What was forgotten is overwritten
// in a file and cannot be written again. Retention is of utterances, messages and turns: memories
// end by their own time to live, and stay listed.
//
// # Durability
//
// What Append, AddMessage or Send has returned for survives the end of the process and of the
// machine: the journal is written ahead and synced at each commit. A batch is there whole or not
// at all. Where a server goes away while it commits, nobody knows whether a batch is there
// ([ErrUncertain]): every row has a key by which it is known, so that a Writer writes the batch
// again and it is there once. What somebody waits for is never tried again without a word: the
// caller is told, and has a key.
//
// # Leases
//
// A Writer takes a lease of the class DATA on the silicon DISK for each batch, for each message
// that is sent and for each change of memories by a call, and a Retention one
// of the class BACKGROUND for its work and one on DISK for each piece of it, as a Remember does for
// a decision and for tidying up; they hold no other silicon, so that they are never in the way of
// an answer. Before a transaction commits its lease must still be live: what was taken back is
// rolled back, and tried again later.
//
// # Goroutines
//
// A DB is safe for concurrent use. A Writer and a Remember have one goroutine each, which Close
// waits for; what they are told never waits. Retention.Run runs on its caller's.
package store
