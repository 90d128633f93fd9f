package models_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/models"
)

// damage changes bytes of a file and keeps its time, as bit rot does.
func damage(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, change(mustRead(t, path)))
	if err := os.Chtimes(path, time.Time{}, info.ModTime()); err != nil {
		t.Fatal(err)
	}
}

// oneBit turns one bit.
func oneBit(data []byte) []byte {
	data = bytes.Clone(data)
	data[len(data)/2] ^= 1
	return data
}

// older gives a file another time, as a copy does.
func older(t *testing.T, path string) {
	t.Helper()
	if err := os.Chtimes(path, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
}

// installed returns a store with one model m of one file m.bin, pulled from a file of this machine.
func installed(t *testing.T, data []byte, opt models.Options) (s *models.Store, file string) {
	t.Helper()
	local := filepath.Join(t.TempDir(), "src.bin")
	put(t, local, data)
	s = store(t, entry("m", "m.bin", data, true, "file: "+local), opt)
	if _, err := s.Pull(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	return s, filepath.Join(s.Root(), "m", "m.bin")
}

// reopen returns another store over the same folder, as the next process would have.
func reopen(t *testing.T, s *models.Store, opt models.Options) *models.Store {
	t.Helper()
	if opt.Tools == nil {
		opt.Tools = &packages{}
	}
	next := models.New(s.Root(), s.Catalog(), opt)
	t.Cleanup(next.Close)
	return next
}

func TestVerifyFindsSilentDamage(t *testing.T) {
	data := bytesOf(41, 2_000)
	s, path := installed(t, data, models.Options{})
	damage(t, path, oneBit)
	if s.State("m") != models.StateInstalled {
		t.Fatal("size and time are equal: a look from outside cannot see this")
	}
	checks, err := s.Verify(t.Context(), "m", "calibration")
	if err != nil {
		t.Fatal(err)
	}
	if len(checks) != 10 || !errors.Is(checks[0].Err, models.ErrDigest) || checks[1].Err != nil || checks[1].Model != "calibration" {
		t.Fatalf("checks %+v", checks)
	}
	if checks[0].SHA256 != digest(oneBit(data)) || checks[0].Size != 2_000 {
		t.Errorf("found %s with %d bytes, not what is there", checks[0].SHA256, checks[0].Size)
	}
	for _, st := range []*models.Store{s, reopen(t, s, models.Options{})} {
		if st.Installed("m") || st.State("m") != models.StateDamaged {
			t.Fatalf("state %q after the damage was found", st.State("m"))
		}
	}
	next := reopen(t, s, models.Options{})
	if res, err := next.Pull(t.Context(), "m"); err != nil || res[0].Fetched != 1 || !bytes.Equal(mustRead(t, path), data) {
		t.Fatalf("repair: %+v, %v", res, err)
	}
	if s.State("m") != models.StateInstalled || next.State("m") != models.StateInstalled {
		t.Fatalf("states %q and %q after the repair", s.State("m"), next.State("m"))
	}
	missing, err := s.Verify(t.Context(), "silero-vad")
	if err != nil || len(missing) != 1 || !errors.Is(missing[0].Err, models.ErrNotInstalled) || missing[0].Size != 0 || missing[0].SHA256 != "" {
		t.Fatalf("missing: %+v, %v", missing, err)
	}
}

// TestVerifyLooksAtEveryFile has files that are right, that have another time, that are damaged in
// every way, and that are missing: each has its line, and without names every model that is there
// is looked at.
func TestVerifyLooksAtEveryFile(t *testing.T) {
	from := t.TempDir()
	yaml := "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    files:\n"
	names := []string{"copied", "flipped", "gone", "long", "newer", "right", "short"}
	for i, name := range names {
		data := bytesOf(uint64(100+i), 1_000)
		put(t, filepath.Join(from, name), data)
		yaml += "      - {path: " + name + ", size: 1000, sha256: " + digest(data) + ", sources: [{file: " + filepath.Join(from, name) + "}]}\n"
	}
	yaml += "      - {path: left-out, optional: true}\n"
	s := store(t, yaml, models.Options{})
	if _, err := s.Pull(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(s.Root(), "m", name) }
	older(t, at("copied"))
	damage(t, at("flipped"), oneBit)
	if err := os.Remove(at("gone")); err != nil {
		t.Fatal(err)
	}
	damage(t, at("long"), func(b []byte) []byte { return append(b, 0) })
	put(t, at("newer"), oneBit(mustRead(t, at("newer"))))
	damage(t, at("short"), func(b []byte) []byte { return b[:999] })
	checks, err := s.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]error{
		"copied": nil, "flipped": models.ErrDigest, "gone": models.ErrNotInstalled, "long": models.ErrSize, "newer": models.ErrDigest,
		"right": nil, "short": models.ErrSize,
	}
	seen := 0
	for _, c := range checks {
		if c.Model == models.CalibrationID {
			continue
		}
		seen++
		wanted, known := want[c.File]
		if c.Model != "m" || !known || !errors.Is(c.Err, wanted) {
			t.Errorf("%s/%s: %v, want %v", c.Model, c.File, c.Err, wanted)
		}
		if c.Err == nil && (c.Origin != models.OriginCatalog || c.SHA256 == "" || c.Size != 1_000) {
			t.Errorf("%+v", c)
		}
		var damaged *models.DamagedError
		if errors.As(c.Err, &damaged) && (!errors.Is(c.Err, models.ErrDamaged) || !strings.Contains(c.Err.Error(), "m/"+c.File+" is damaged") ||
			!strings.Contains(c.Err.Error(), damaged.Want) || !strings.HasSuffix(c.Err.Error(), "run: sensory-agent models pull m")) {
			t.Errorf("the error does not say what to do: %v", c.Err)
		}
	}
	if seen != len(want) {
		t.Errorf("%d files of m have a line, want %d", seen, len(want))
	}
	if res, err := s.Pull(t.Context(), "m"); err != nil || res[0].Fetched != 5 || res[0].Kept != 2 {
		t.Fatalf("repair: %+v, %v", res, err)
	}
	if checks, err = s.Verify(t.Context(), "m"); err != nil || len(checks) != 7 {
		t.Fatalf("%+v, %v", checks, err)
	}
	for _, c := range checks {
		if c.Err != nil {
			t.Errorf("after the repair: %v", c.Err)
		}
	}
}

func TestVerifyWithoutAReadableRecord(t *testing.T) {
	data := bytesOf(48, 1_000)
	s, path := installed(t, data, models.Options{})
	lock := filepath.Join(s.Root(), "m", "model.lock.json")
	for _, text := range []string{"{", `{"files":[{"path":"../m.bin"}]}`} {
		put(t, lock, []byte(text))
		checks, err := s.Verify(t.Context(), "m")
		if err != nil || len(checks) != 1 || checks[0].Err == nil || checks[0].File != "model.lock.json" {
			t.Errorf("%s: %+v, %v", text, checks, err)
		}
		if s.State("m") != models.StateAbsent {
			t.Errorf("%s: state %q", text, s.State("m"))
		}
	}
	if res, err := s.Pull(t.Context(), "m"); err != nil || res[0].Kept != 1 || res[0].Fetched != 0 || s.State("m") != models.StateInstalled {
		t.Fatalf("a pull adopts what is right: %+v, %v, %q", res, err, s.State("m"))
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if checks, err := s.Verify(t.Context(), "m"); err != nil || len(checks) != 1 || checks[0].Err != nil {
		t.Errorf("the catalog knows the digest: %+v, %v", checks, err)
	}
	damage(t, path, oneBit)
	if checks, err := s.Verify(t.Context(), "m"); err != nil || len(checks) != 1 || !errors.Is(checks[0].Err, models.ErrDigest) {
		t.Errorf("%+v, %v", checks, err)
	}
}

func TestVerifyOfAFileThatNobodyVouchesFor(t *testing.T) {
	s := store(t, entry("m", "m.bin", nil, false), models.Options{})
	put(t, filepath.Join(s.Root(), "m", "m.bin"), bytesOf(49, 10))
	for _, look := range []func() ([]models.Check, error){
		func() ([]models.Check, error) { return s.Verify(t.Context(), "m") },
		func() ([]models.Check, error) { return s.Check(t.Context(), "m") },
	} {
		checks, err := look()
		if err != nil || len(checks) != 1 || !errors.Is(checks[0].Err, models.ErrNoDigest) || checks[0].Size != 10 {
			t.Errorf("%+v, %v", checks, err)
		}
	}
	if _, err := s.Path("m", "m.bin"); !errors.Is(err, models.ErrNotInstalled) {
		t.Errorf("it may be loaded: %v", err)
	}
	if _, err := s.Verify(t.Context(), "nobody"); !errors.Is(err, models.ErrUnknownModel) {
		t.Errorf("got %v", err)
	}
}
