// Package testpostgres starts a real PostgreSQL server for tests: Debian's, with a cluster of its
// own in a folder that goes with the test, on a Unix socket there and on no port, as an
// unprivileged user, for it refuses root.
//
// In: a test. Out: addresses of schemas that nobody else uses. `scripts/setup postgres` puts the
// server's programs where they are found; where they are not, a test is skipped with the reason, or
// fails where CI is set.
package testpostgres
