package testpostgres

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// Schema makes a schema in the database of an address and returns the address of that.
func Schema(tb testing.TB, address string) string {
	tb.Helper()
	name := "s_" + strings.ToLower(rand.Text())
	Execute(tb, address, fmt.Sprintf("CREATE SCHEMA %q", name))
	return address + "&search_path=" + name
}

// Execute has the database at an address do something.
func Execute(tb testing.TB, address, statement string) {
	tb.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = db.ExecContext(tb.Context(), statement)
	if err = errors.Join(err, db.Close()); err != nil {
		tb.Fatal(err)
	}
}
