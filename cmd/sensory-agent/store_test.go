package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/internal/testpostgres"
	"github.com/sensory-agent/sensory-agent/store"
)

// storeOfThree makes a store of three utterances and a message.
func storeOfThree(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.db")
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for n, text := range []string{"one", "two", "three"} {
		at := time.Date(2026, 3, 1+n, 9, 0, 0, 0, time.UTC)
		err := db.Append(t.Context(), []store.Utterance{{Room: "lobby", Session: "s", Participant: "ada", Role: store.Human, Text: text, Start: at, End: at}}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := db.AddMessage(t.Context(), store.Message{RoomName: "lobby", Participant: "ada", Role: store.Human, Text: "hello", At: time.Now()}, nil); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStoreCommands(t *testing.T) {
	cleanEnv(t)
	path := storeOfThree(t)
	backup := filepath.Join(t.TempDir(), "b.db")
	pruning := configFile(t, "store: {path: "+path+", retain_rows: 1}\n")
	for _, c := range []struct {
		args []string
		code int
		want []string // in what it prints or says is wrong
	}{
		{[]string{"store", "status", "--store", path}, 0, []string{path + ", SQLite 3.", "version 5", "can be written\n", "utterance               3  from "}},
		{[]string{"store", "status", "--store", path, "--json"}, 0, []string{`"database": "SQLite 3.`, `"rows": 3`}},
		{[]string{"store", "backup", "--store", path, backup}, 0, []string{backup, "chat                    1"}},
		{[]string{"store", "backup", "--store", path, backup}, 1, []string{"file is there already"}},
		{[]string{"store", "copy", "--store", path, "--to", backup}, 1, []string{"store has rows already"}},
		{[]string{"store", "copy", "--store", path, "--to", backup + "2"}, 0, []string{backup + "2, SQLite"}},
		{[]string{"store", "copy", "--store", path}, 2, []string{"no target"}},
		{[]string{"store", "copy", "--store", path, "--to", "postgres://u:hunter2@h/d"}, 2, []string{"can be read by others"}},
		{[]string{"store", "prune", "--store", path}, 2, []string{"nothing is called old"}},
		{[]string{"store", "prune", "--store", path, "--retain-rows", "-1"}, 2, []string{"--retain-rows -1"}},
		{[]string{"store", "prune", "--store", path, "--retain-days", "36500"}, 0, []string{"0 rows deleted"}},
		{[]string{"store", "prune", "--config", pruning}, 0, []string{"2 rows deleted"}},
		{[]string{"store", "compact", "--store", path}, 0, []string{"MB before", "can be written"}},
		{[]string{"store", "status", "--store", path + ".none"}, 1, []string{"no such store"}},
		{[]string{"transcripts", "--store", path}, 0, []string{"three"}},
		{[]string{"transcripts", "--store", backup}, 0, []string{"one", "two", "three"}},
		{[]string{"chat", "list", "--store", backup}, 0, []string{"hello"}},
	} {
		t.Setenv("SENSORY_AGENT_CONFIG", "")
		code, out, errs := runProgram(t, c.args...)
		for _, want := range c.want {
			if code != c.code || !strings.Contains(out+errs, want) || strings.Contains(out+errs, "hunter2") {
				t.Errorf("%v: code %d, want %d and %q:\n%s%s", c.args, code, c.code, want, out, errs)
			}
		}
	}
}

// TestStoreOnAServer moves a file to a real PostgreSQL server by the commands that docs/store.md
// names, with the address in a file and in the environment; no password is ever printed.
func TestStoreOnAServer(t *testing.T) {
	cleanEnv(t)
	path, s := storeOfThree(t), testpostgres.Start(t)
	const secret = "hunter2-swordfish"
	testpostgres.Execute(t, s.Address(), "CREATE ROLE guest LOGIN PASSWORD '"+secret+"'")
	place := strings.Replace(s.Place(t), "//sensory@", "//guest:"+secret+"@", 1)
	testpostgres.Execute(t, s.Address(), "GRANT ALL ON SCHEMA "+place[strings.LastIndex(place, "=")+1:]+" TO guest")
	address := filepath.Join(t.TempDir(), "address")
	if err := os.WriteFile(address, []byte(place+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(code int, want string, args ...string) {
		t.Helper()
		got, out, errs := runProgram(t, args...)
		if got != code || !strings.Contains(out+errs, want) || strings.Contains(out+errs, secret) {
			t.Errorf("%v: code %d, %q is not in:\n%s%s", args, got, want, out, errs)
		}
	}
	run(0, "PostgreSQL", "store", "copy", "--store", path, "--to-address-file", address)
	run(0, "utterance               3", "store", "status", "--store-address-file", address)
	run(0, "three", "transcripts", "--store-address-file", address)
	run(0, "hello", "chat", "list", "--store-address-file", address)
	run(2, "both an address and a file", "store", "status", "--store-address-file", address, "--store", path)
	t.Setenv(store.AddressEnv, place)
	run(0, "three", "transcripts")
	run(0, "can be written", "store", "compact")
	for _, c := range diagnose(t.Context(), "", t.TempDir()) {
		if c.Name == "store" && (c.Status != checkOK || !strings.Contains(c.Detail, "PostgreSQL 1") || strings.Contains(c.Detail, secret)) {
			t.Errorf("%+v", c)
		}
	}
	s.Stop()
	run(1, "database cannot be reached", "store", "status")
}

// TestDoctorLooksAtTheStore that the configuration file names.
func TestDoctorLooksAtTheStore(t *testing.T) {
	cleanEnv(t)
	path := storeOfThree(t)
	none, wrong := path+".none", filepath.Join(t.TempDir(), "wrong.db")
	if err := os.WriteFile(wrong, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ file, status, detail string }{
		"none":    {"log: {level: info}\n", checkNote, "nothing is kept"},
		"there":   {"store: {path: " + path + "}\n", checkOK, "version 5, 0.1 MB, can be written"},
		"not yet": {"store: {path: " + none + "}\n", checkNote, "no such store"},
		"wrong":   {"store: {path: " + wrong + "}\n", checkMissing, "file is no store of this program"},
		"gone":    {"store: {path: 'postgres://x@127.0.0.1:1/d?sslmode=disable'}\n", checkMissing, "database cannot be reached"},
		"no file": {"store: {address_file: " + none + "}\n", checkMissing, "no place of a store"},
	} {
		if got := checkStore(t.Context(), configFile(t, c.file)); got.Name != "store" || got.Status != c.status || !strings.Contains(got.Detail, c.detail) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("the doctor made a store")
	}
}

// TestADegradedStoreIsShown as the reason of a program that is ready, without its address; not
// while it works, and not in the place of a better reason.
func TestADegradedStoreIsShown(t *testing.T) {
	bad, ready, loading := store.Health{Since: time.Now(), Reason: "postgres://db: gone"}, ops.Readiness{Ready: true, State: "listening"}, ops.Readiness{State: "loading"}
	if is := degraded(ready, bad); !is.Ready || !strings.HasPrefix(is.Reason, "degraded: ") || strings.Contains(is.Reason, "postgres") {
		t.Errorf("%+v", is)
	}
	if degraded(ready, store.Health{Failures: 7}) != ready || degraded(loading, bad) != loading {
		t.Error("a reason where there is none")
	}
}
