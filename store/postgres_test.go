package store_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/internal/testpostgres"
	"github.com/sensory-agent/sensory-agent/store"
)

// ofFiles are the tests that a server is not asked: those about files, what starts it, and one that
// fills a persona with as many memories as it may have, which takes long one by one.
func ofFiles() []string {
	return []string{
		"TestPostgreSQL", "Fuzz.*", "TestAPersonaHasSoManyMemories",
		"TestADamagedStoreIsCorrupt",
		"TestAFileThatCannotBeWrittenInAFolderThatCan",
		"TestAFullDiskIsCalledFullFromTheStart",
		"TestAStoreThatCannotBeWrittenIsRead",
		"TestAnOldStoreIsMadePrivate",
		"TestDiskThatStaysReadOnlyLosesWithANumber",
		"TestFilesOfAnOlderVersionAreBroughtUp",
		"TestFilesOfOtherProgramsAreForeign",
		"TestFilesThatAreNoStoreAreRefused",
		"TestFullDisk",
		"TestRowsThatAreNoneOfOursAreNotRead",
	}
}

// TestPostgreSQL runs everything that is here on a real server: the tests of files once more with
// their stores there, and those of what only a server does.
func TestPostgreSQL(t *testing.T) {
	s := testpostgres.Start(t)
	t.Run("the same tests", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.count=1", "-test.v", "-test.skip=^("+strings.Join(ofFiles(), "|")+")$")
		cmd.Env = append(os.Environ(), onServer+"="+s.Address())
		out, err := cmd.CombinedOutput()
		if n := strings.Count(string(out), "\n--- PASS"); err != nil || n < 50 {
			t.Errorf("%d tests passed, %v", n, err)
		}
		t.Logf("%s", out)
	})
	t.Run("kinds", func(t *testing.T) { kindsOnServer(t, s) })
	t.Run("what is no store", func(t *testing.T) { foreignOnServer(t, s) })
	t.Run("passwords", func(t *testing.T) { passwordsOnServer(t, s) })
	t.Run("copies", func(t *testing.T) { copiesOnServer(t, s) })
	t.Run("a backup by who may only read", func(t *testing.T) { readersBackup(t, s) })
	t.Run("isolation", func(t *testing.T) { isolationOnServer(t, s) })
	t.Run("a lost answer", func(t *testing.T) { lostAnswer(t, s) })
	t.Run("goes away and comes back", func(t *testing.T) { goesAndComes(t, s) })
}

// kindsOnServer: what the server says is told by its kind.
func kindsOnServer(t *testing.T, s *testpostgres.Server) {
	for code, want := range map[string]error{
		"53100": store.ErrFull, "25006": store.ErrReadOnly, "42501": store.ErrReadOnly, "55P03": store.ErrBusy, "40001": store.ErrBusy,
		"40P01": store.ErrBusy, "57014": store.ErrBusy, "57P03": store.ErrUnreachable, "08006": store.ErrUnreachable, "53300": store.ErrUnreachable,
		"XX001": store.ErrCorrupt, "28000": store.ErrDenied, "3D000": store.ErrDenied, "22021": store.ErrInvalid, "42P01": store.ErrIO,
	} {
		place := s.Place(t)
		db, err := store.Open(t.Context(), place)
		if err != nil {
			t.Fatal(err)
		}
		kept := add(t, db, letter(0, "lobby", "ada", "before"))
		testpostgres.Execute(t, place, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '`+code+`'; END $$;
			CREATE TRIGGER refuse BEFORE INSERT ON chat FOR EACH ROW EXECUTE FUNCTION refuse()`)
		var typed *store.Error
		_, _, err = db.AddMessage(t.Context(), letter(1, "lobby", "ada", "hello"), nil)
		if !errors.Is(err, want) || !errors.As(err, &typed) || typed.Rows != 1 || typed.Path != db.Path() {
			t.Errorf("%s: %v, want %v", code, err, want)
		}
		if h := db.Health(); !h.Degraded() || h.Failures != 1 || !strings.Contains(h.Reason, want.Error()) {
			t.Errorf("%s: %+v", code, h)
		}
		if got := exported(t, db, store.ChatQuery{}); len(got) != 1 || got[0].ID != kept[0].ID {
			t.Errorf("%s: %+v", code, got)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// foreignOnServer: what cannot be used as a store is refused, with the reason, and left alone.
func foreignOnServer(t *testing.T, s *testpostgres.Server) {
	made := func(statements ...string) string {
		place := s.Place(t)
		db, err := store.Open(t.Context(), place)
		if err == nil {
			err = db.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, do := range statements {
			testpostgres.Execute(t, place, do)
		}
		return place
	}
	cats := s.Place(t)
	testpostgres.Execute(t, cats, "CREATE TABLE chat (cat TEXT)")
	testpostgres.Execute(t, s.Address(), "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
	for name, c := range map[string]struct {
		place         string
		write, reader error
		says          string
	}{
		"empty":         {s.Place(t), nil, nil, ""}, // the writer makes a store of it
		"newer":         {made("UPDATE sensory_agent_store SET version = 6"), store.ErrSchema, store.ErrSchema, "version 6, this program reads up to 5"},
		"too old":       {made("UPDATE sensory_agent_store SET version = 4"), store.ErrForeign, store.ErrForeign, "version 4"},
		"another's":     {cats, store.ErrForeign, store.ErrForeign, "names of ours"},
		"no schema":     {s.Address() + "&search_path=none", store.ErrMissing, store.ErrMissing, "search path"},
		"encoding":      {strings.Replace(s.Address(), "/postgres?", "/latin?", 1), store.ErrForeign, store.ErrForeign, "LATIN1"},
		"no database":   {strings.Replace(s.Address(), "/postgres?", "/none?", 1), store.ErrDenied, store.ErrDenied, "none"},
		"no server":     {"postgres://x@/postgres?host=/no/such/folder", store.ErrUnreachable, store.ErrUnreachable, "no/such/folder"},
		"no connection": {"postgres://x@127.0.0.1:1/postgres?sslmode=disable", store.ErrUnreachable, store.ErrUnreachable, "127.0.0.1:1"},
	} {
		for call, open := range map[string]func() (*store.DB, error){
			"Open":       func() (*store.DB, error) { return store.Open(t.Context(), c.place) },
			"OpenReader": func() (*store.DB, error) { return store.OpenReader(t.Context(), c.place) },
		} {
			want := c.write
			if call == "OpenReader" {
				want = c.reader
			}
			db, err := open()
			var typed *store.Error
			if want == nil && call == "OpenReader" && errors.Is(err, store.ErrForeign) {
				continue // it came before the writer
			}
			if !errors.Is(err, want) || want != nil && (!errors.As(err, &typed) || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%s, %s: %v, want %v", name, call, err, want)
			}
			if db != nil {
				_ = db.Close()
			}
		}
	}
	reading := made() + "&default_transaction_read_only=on"
	db, err := store.Open(t.Context(), reading)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Append(t.Context(), lines(0, 1), nil); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a server that only reads: %v", err)
	}
	facts, err := store.Inspect(t.Context(), reading)
	if err != nil || !errors.Is(facts.Unwritable, store.ErrReadOnly) || !strings.HasPrefix(facts.Database, "PostgreSQL 1") || facts.Bytes < 1<<15 {
		t.Errorf("%+v, %v", facts, err)
	}
}

// passwordsOnServer: a wrong one is refused, a right one lets in, and none is ever repeated.
func passwordsOnServer(t *testing.T, s *testpostgres.Server) {
	const secret = "hunter2-swordfish"
	testpostgres.Execute(t, s.Address(), "CREATE ROLE guest LOGIN PASSWORD '"+secret+"'")
	place := strings.Replace(s.Place(t), "//sensory@", "//guest:"+secret+"@", 1)
	schema := place[strings.LastIndex(place, "=")+1:]
	testpostgres.Execute(t, s.Address(), "GRANT ALL ON SCHEMA "+schema+" TO guest")
	db, err := store.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	add(t, db, letter(0, "lobby", "ada", "hello"))
	if strings.Contains(db.Path(), secret) || !strings.Contains(db.Path(), "guest@") {
		t.Errorf("path %s", db.Path())
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		place string
		want  error
	}{
		"wrong":         {strings.Replace(place, secret, secret+"x", 1), store.ErrDenied},
		"nobody there":  {"postgres://guest:" + secret + "@127.0.0.1:1/postgres?sslmode=disable", store.ErrUnreachable},
		"not escaped":   {"postgres://guest:" + secret + "%zz@h/postgres", store.ErrPlace},
		"at in it":      {"postgres://guest:" + secret + "@more:x@h:1z/postgres", store.ErrPlace},
		"as a question": {"postgres://h:x/postgres?password=" + secret, store.ErrPlace},
	} {
		db, err := store.Open(t.Context(), c.place)
		if db != nil {
			_ = db.Close()
		}
		if !errors.Is(err, c.want) || strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// readersBackup is made by a role that may read the tables and nothing else: all rows are in it,
// and it goes on behind them.
func readersBackup(t *testing.T, s *testpostgres.Server) {
	at, backup := s.Place(t), filepath.Join(t.TempDir(), "backup.db")
	want := filled(t, at)
	schema := at[strings.LastIndex(at, "=")+1:]
	testpostgres.Execute(t, at, "CREATE ROLE reader LOGIN")
	testpostgres.Execute(t, at, fmt.Sprintf("GRANT USAGE ON SCHEMA %[1]s TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA %[1]s TO reader", schema))
	if err := store.Backup(t.Context(), strings.Replace(at, "//sensory@", "//reader@", 1), backup); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, contentsOf(t, backup)); diff != "" {
		t.Error(diff)
	}
	last := want.Chat[len(want.Chat)-1].Pos
	if next := add(t, opened(t, backup), letter(9, "lobby", "ada", "goes on"))[0].Pos; next <= last {
		t.Errorf("position %d after %d", next, last)
	}
}
