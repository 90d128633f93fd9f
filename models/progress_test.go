package models_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/models"
)

// TestProgressOfAFile is told in steps, from the source to the record, whatever the buffers of its
// source are.
func TestProgressOfAFile(t *testing.T) {
	data := bytesOf(137, 1_000_000)
	local := filepath.Join(t.TempDir(), "m.bin")
	put(t, local, data)
	host := serve(t, &files{data: map[string][]byte{"/m.bin": data}})
	for _, source := range []string{"file: " + local, "url: " + host.URL + "/m.bin"} {
		var events []models.Event
		s := store(t, entry("m", "m.bin", data, true, source), models.Options{Progress: func(e models.Event) { events = append(events, e) }})
		if _, err := s.Pull(t.Context(), "m"); err != nil {
			t.Fatal(err)
		}
		var phases []string
		last := int64(0)
		for _, e := range events {
			if text := string(e.Phase); len(phases) == 0 || phases[len(phases)-1] != text {
				phases = append(phases, text)
			}
			if e.Total != 1_000_000 || e.Model != "m" || e.File != "m.bin" || e.Err != nil || (e.Source == "") != (e.Phase == models.PhaseVerify) {
				t.Errorf("told %+v", e)
			}
			if e.Phase == models.PhaseBytes && e.Done > 0 {
				if step := e.Done - last; e.Done != e.Total && (step < 256<<10 || step > 512<<10) {
					t.Errorf("told %d after %d", e.Done, last)
				}
				last = e.Done
			}
		}
		if got := strings.Join(phases, " "); got != "source bytes verify done" || last != 1_000_000 || events[len(events)-1].Done != last {
			t.Errorf("%s: told %s, at last %d", source, got, last)
		}
		for name, spoil := range map[string]func(){
			"kept":             func() {},
			"verify done kept": func() { older(t, filepath.Join(s.Root(), "m", "m.bin")) },
			"verify kept":      func() { remove(t, filepath.Join(s.Root(), "m", "model.lock.json")) },
		} {
			spoil()
			events, phases = nil, nil
			if _, err := s.Pull(t.Context(), "m"); err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				if text := string(e.Phase); len(phases) == 0 || phases[len(phases)-1] != text {
					phases = append(phases, text)
				}
				if e.Model != "m" || e.Total != 1_000_000 || e.Phase != models.PhaseVerify && e.Done != e.Total {
					t.Errorf("%s: told %+v", name, e)
				}
			}
			if got := strings.Join(phases, " "); got != name {
				t.Errorf("told %s, want %s", got, name)
			}
		}
	}
	if !bytes.Equal(data, mustRead(t, local)) {
		t.Error("the source was changed")
	}
}

// TestClientsAreWatched: how far one is shows in the size of its folder, told while it works.
func TestClientsAreWatched(t *testing.T) {
	data := bytesOf(127, 1_000)
	for _, c := range []struct {
		source              string
		declared, wrote     int
		wantDone, wantTotal int64
	}{
		{"pypi: {name: p, version: 1.0.0, member: pkg/m.bin, size: SIZE}", 2_000, 700, 700, 2_000},
		{"npm: {name: p, version: 1.0.0, member: pkg/m.bin, size: SIZE}", 2_000, 700, 700, 4_000}, // npm writes it twice
		{"npm: {name: p, version: 1.0.0, member: pkg/m.bin, size: SIZE}", 300, 700, 600, 600},     // larger than declared
		{"pypi: {name: p, version: 1.0.0, member: pkg/m.bin}", 0, 700, 700, 0},
	} {
		told := make(chan models.Event, 1_000)
		s := store(t, entry("m", "m.bin", data, true, strings.Replace(c.source, "SIZE", fmt.Sprint(c.declared), 1)), models.Options{
			Progress: func(e models.Event) { told <- e },
			Tools: client(func(_ context.Context, _ string, _ models.Package, dir string) (string, error) {
				if err := os.MkdirAll(filepath.Join(dir, "deep"), 0o700); err != nil {
					return "", err
				}
				if err := os.WriteFile(filepath.Join(dir, "deep", "cache"), data[:c.wrote], 0o600); err != nil {
					return "", err
				}
				for seen := false; !seen; {
					select {
					case e := <-told:
						if seen = e.Phase == models.PhaseBytes && e.Done > 0; !seen {
							continue
						}
						if e.Done != c.wantDone || e.Total != c.wantTotal || e.Model != "m" || e.File != "m.bin" || !strings.Contains(e.Source, "p") {
							return "", fmt.Errorf("told %+v", e)
						}
					case <-time.After(time.Minute):
						return "", errors.New("nothing was told")
					}
				}
				return "", os.WriteFile(filepath.Join(dir, "p.whl"), wheel(t, map[string][]byte{"pkg/m.bin": data}), 0o600)
			}),
		})
		if _, err := s.Pull(t.Context(), "m"); err != nil {
			t.Errorf("%s: %v", c.source, err)
		}
	}
}

// TestATransferMayBeSlow, but not stand still.
func TestATransferMayBeSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		wait := 29 * time.Second
		r, stop := models.StallReader(reader(func([]byte) (int, error) { time.Sleep(wait); return 1, nil }), 30*time.Second, cancel)
		stop() // before anything was read
		for range 5 {
			if n, err := r.Read(make([]byte, 1)); n != 1 || err != nil || ctx.Err() != nil {
				t.Fatalf("%d, %v, %v", n, err, context.Cause(ctx))
			}
		}
		stop()
		time.Sleep(time.Hour)
		if ctx.Err() != nil {
			t.Fatalf("after its end: %v", context.Cause(ctx))
		}
		wait = 31 * time.Second
		if _, err := r.Read(nil); err != nil || !errors.Is(context.Cause(ctx), models.ErrUnreachable) || !strings.Contains(context.Cause(ctx).Error(), "nothing came for 30s") {
			t.Errorf("%v, %v", err, context.Cause(ctx))
		}
	})
}

// reader is a function that reads.
type reader func(p []byte) (int, error)

// Read implements io.Reader.
func (r reader) Read(p []byte) (int, error) { return r(p) }
