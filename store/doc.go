// Package store keeps what was said in rooms, in one SQLite file.
//
// In: utterances of people and personas. Out: the same, in the order in which they began. The file
// belongs to whoever opened the DB; a running persona and a reader may have it open at once.
//
// # Durability
//
// An utterance that Append has returned for survives the end of the process and of the machine: the
// journal is written ahead and synced at each commit. A batch is there whole or not at all.
//
// # Leases
//
// A Writer takes a lease of the class DATA on the silicon DISK for each batch, and a Retention one
// of the class BACKGROUND for its work and one on DISK for each piece of it; both hold no other
// silicon, so that they are never in the way of an answer. Before a transaction commits its lease
// must still be live: what was taken back is rolled back, and tried again later.
//
// # Goroutines
//
// A DB is safe for concurrent use. A Writer has one goroutine, which Close waits for; Put never
// waits. Retention.Run runs on its caller's.
package store
