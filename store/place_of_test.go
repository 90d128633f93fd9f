package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/store"
)

// TestLocate: one place, from the first that names one; passwords only where others cannot read
// them.
func TestLocate(t *testing.T) {
	const secret = "hunter2"
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole := "postgres://ada:" + secret + "@db:5432/personas"
	good := write("good", whole+"\n")
	for name, c := range map[string]struct {
		given, file, env string
		want             string
		fails            bool
	}{
		"nothing":             {"", "", "", "", false},
		"a file":              {"t.db", "", whole, "t.db", false},
		"an address":          {"postgres://ada@db/personas", "", "", "postgres://ada@db/personas", false},
		"a file's address":    {"", good, "other.db", whole, false},
		"the environment":     {"", "", whole, whole, false},
		"both":                {"t.db", good, "", "", true},
		"a password":          {whole, "", "", "", true},
		"another password":    {"postgres://db/personas?user=ada&password=" + secret, "", "", "", true},
		"a crooked password":  {"postgresql://ada:" + secret + "%zz@db/personas", "", "", "", true},
		"no such file":        {"", filepath.Join(dir, "none"), "", "", true},
		"a file of something": {"", write("text", secret+" is no address"), "", "", true},
		"two addresses":       {"", write("two", whole+"\n"+whole), "", "", true},
		"a long file":         {"", write("long", whole+strings.Repeat("x", 5000)), "", "", true},
	} {
		got, err := store.Locate(c.given, c.file, c.env)
		if got != c.want || (err != nil) != c.fails || err != nil && !errors.Is(err, store.ErrPlace) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: it says the password: %v", name, err)
		}
	}
}
