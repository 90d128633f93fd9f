// Package redtest packs audio as senders of redundant audio do, for tests.
package redtest
