package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/store"
)

func TestTranscriptsPrintsWhatWasKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "transcripts.db")
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	if err := db.Append(t.Context(), []store.Utterance{
		{Room: "lobby", Session: "s", Turn: 1, Participant: "ada", Role: store.Human, Text: "what do you see?", Start: at, End: at.Add(time.Second)},
		{Room: "lobby", Session: "s", Turn: 1, Participant: "iris", Role: store.Persona, Text: "a red square", Start: at.Add(2 * time.Second), End: at.Add(3 * time.Second)},
		{Room: "attic", Session: "s", Turn: 1, Participant: "bob", Role: store.Human, Text: "nobody", Start: time.Now(), End: time.Now()},
	}, nil); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	file := configFile(t, "store: {path: "+path+"}\n")
	const spoken = `{"room":"lobby","session":"s","turn":1,"participant":"iris","role":"persona","text":"a red square","start":"2026-03-01T09:00:02Z","end":"2026-03-01T09:00:03Z"}`
	for _, c := range []struct {
		args  []string
		lines []string
	}{
		{[]string{"--store", path}, []string{"lobby        ada          what do you see?", "lobby        iris         a red square", "attic        bob          nobody"}},
		{[]string{"--config", file, "--room", "lobby", "--limit", "1", "--json"}, []string{spoken}},
		{[]string{"--config", file, "--since", "1h"}, []string{"attic        bob          nobody"}},
		{[]string{"--store", path, "--room", "cellar"}, nil},
	} {
		code, out, errs := runProgram(t, append([]string{"transcripts"}, c.args...)...)
		got := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if out == "" {
			got = nil
		}
		if code != 0 || len(got) != len(c.lines) {
			t.Errorf("%v: code %d, %q, %s", c.args, code, got, errs)
			continue
		}
		for i, want := range c.lines {
			if !strings.HasSuffix(got[i], want) {
				t.Errorf("%v: line %d is %q, want %q", c.args, i, got[i], want)
			}
		}
	}
	t.Setenv(config.Env, "") // what --config passed on
	none := filepath.Join(t.TempDir(), "none.db")
	for want, args := range map[string][]string{
		"no such store": {"--store", none}, "give --store": {}, "must not be negative": {"--store", path, "--limit", "-1"},
	} {
		if code, _, errs := runProgram(t, append([]string{"transcripts"}, args...)...); code == 0 || !strings.Contains(errs, want) {
			t.Errorf("%v: code %d, %s", args, code, errs)
		}
	}
}
