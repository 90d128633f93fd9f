package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/ending"
	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/store"
)

// hostile runs on a terminal, forges a line, and turns the rest around.
const hostile = "eve\x1b[2J\nerror: forged\u009b31m\u202e\""

// clean fails where a text holds anything that a terminal acts on, or more lines than were printed.
func clean(t *testing.T, what, text string, lines int) {
	t.Helper()
	if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !printable.Shown(r) }) {
		t.Errorf("%s shows %q", what, text)
	}
	if n := strings.Count(text, "\n"); n != lines {
		t.Errorf("%s has %d lines, want %d: %q", what, n, lines, text)
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "error: forged") {
			t.Errorf("%s has a forged line: %q", what, line)
		}
	}
}

func TestStoredTextIsPrintedEscaped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	err = db.Append(t.Context(), []store.Utterance{{Room: hostile, Session: "s", Turn: 1, Participant: hostile, Role: store.Human, Text: hostile, Start: at, End: at}}, nil)
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"transcripts", "--store", path}, {"transcripts", "--store", path, "--json"}} {
		code, out, errs := runProgram(t, args...)
		if code != 0 || errs != "" {
			t.Fatalf("%v: %d, %s", args, code, errs)
		}
		clean(t, strings.Join(args, " "), out, 1)
		var u store.Utterance
		if len(args) == 4 && (json.Unmarshal([]byte(out), &u) != nil || u.Text != hostile || u.Participant != hostile) {
			t.Errorf("JSON means something else: %+v", u)
		}
	}
}

func TestAnswersOfARunningPersonaArePrintedEscaped(t *testing.T) {
	for what, c := range map[string]struct {
		text  string
		lines int
	}{
		"leases": {leasesText(&sensoryv1.ListLeasesResponse{
			Pools:    []*sensoryv1.Pool{{Silicon: "CLOUD", Provider: hostile}},
			Leases:   []*sensoryv1.Lease{{Token: hostile, Artifact: hostile, Holder: hostile}},
			Stations: []*sensoryv1.Station{{Name: hostile}}, Waiting: []*sensoryv1.Demand{{Artifact: hostile, Holder: hostile}},
		}), 4},
		"models": {modelsText(&sensoryv1.ListModelsResponse{
			Places: []*sensoryv1.ModelPlace{{Name: hostile}}, Loaded: []*sensoryv1.LoadedModel{{Name: hostile, Place: hostile, State: hostile}},
		}), 3},
		"prompts": {promptsText(&sensoryv1.ListPromptsResponse{Prompts: []*sensoryv1.PromptCache{{Silicon: hostile}}}), 1},
		"store":   {storeText(&sensoryv1.GetStoreResponse{Place: hostile, Reason: hostile, Problem: hostile}), 4},
		"limits": {limitsText(&sensoryv1.ListRefusalsResponse{Rooms: []*sensoryv1.RoomRefusals{{
			Room: hostile, Refused: map[string]int64{hostile: 7}, Participants: []*sensoryv1.ParticipantRefusals{{Identity: hostile}}, Others: 1,
		}}}), 6},
		"seats": {seatsText(&sensoryv1.ListSeatsResponse{Seats: []*sensoryv1.Seat{{Room: hostile, Persona: hostile, State: hostile, Error: hostile}}}), 1},
		"calls": {callsText(&sensoryv1.CountCallsResponse{Calls: map[string]int64{hostile: 1}, Tokens: &sensoryv1.TokenCounts{Refused: map[string]int64{hostile: 1}}}), 4},
	} {
		clean(t, what, c.text, c.lines)
		if !strings.Contains(c.text, `eve\u001b`) {
			t.Errorf("%s: %q", what, c.text)
		}
	}
}

func TestLogsAreEscaped(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var to bytes.Buffer
		f := &rootFlags{level: "warn", format: format, errs: printable.NewWriter(&to)}
		log, err := f.logger()
		if err != nil {
			t.Fatal(err)
		}
		log.Warn("connection", "participant", hostile)
		log.Info("not at this level")
		clean(t, format, to.String(), 1)
		if got := string(f.missing(7)); !strings.Contains(got, "7") || !strings.Contains(got, "missing") || strings.HasPrefix(got, "{") != (format == "json") {
			t.Errorf("%s: %q", format, got)
		}
	}
	for _, f := range []*rootFlags{{level: "loud", format: "text"}, {level: "info", format: "xml"}} {
		if _, err := f.logger(); err == nil || verdictCode(err) != exitUsage {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

func verdictCode(err error) int {
	code, _ := verdict(context.Background(), err)
	return code
}

func TestVerdicts(t *testing.T) {
	ended, cancel := context.WithCancelCause(t.Context())
	by := &ending.SignalError{Signal: syscallSIGTERM}
	cancel(by)
	plain := errors.New("first\nerror: forged\x1b")
	for name, c := range map[string]struct {
		ctx  context.Context
		err  error
		code int
		line string
	}{
		"good": {t.Context(), nil, 0, ""}, "failed": {t.Context(), plain, 1, "first\n  error: forged\\u001b"},
		"wrong call": {t.Context(), usageError{plain}, 2, "first\n  error: forged\\u001b"}, "said already": {t.Context(), quietError{3}, 3, ""},
		"cancelled by somebody": {t.Context(), context.Canceled, 1, "context canceled"},
		"ended by a signal":     {ended, context.Canceled, 143, "ended by SIGTERM"}, "with the signal as cause": {ended, by, 143, "ended by SIGTERM"},
		"another fault meanwhile": {ended, plain, 1, "first\n  error: forged\\u001b"},
	} {
		if code, line := verdict(c.ctx, c.err); code != c.code || line != c.line {
			t.Errorf("%s: %d %q, want %d %q", name, code, line, c.code, c.line)
		}
	}
	if orderly(ended, slog.New(slog.DiscardHandler), plain) != nil || !errors.Is(orderly(t.Context(), nil, plain), plain) || orderly(ended, nil, nil) != nil {
		t.Error("what breaks off by a signal is no failure, everything else is")
	}
}
