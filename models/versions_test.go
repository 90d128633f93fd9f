package models_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/models"
)

// TestACatalogThatWantsOthers by now: what was accepted for an older one is no longer enough, and
// says so until a pull brought the new.
func TestACatalogThatWantsOthers(t *testing.T) {
	old, now, dir := bytesOf(150, 1_000), bytesOf(151, 1_200), t.TempDir()
	put(t, filepath.Join(dir, "old"), old)
	put(t, filepath.Join(dir, "now"), now)
	at := func(data []byte, name string) string {
		return fmt.Sprintf("      - {path: f, size: %d, sha256: %s, sources: [{file: %s}]}\n", len(data), digest(data), filepath.Join(dir, name))
	}
	entryOf := func(files string) string {
		return "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    files:\n" + files
	}
	first := store(t, entryOf(at(old, "old")), models.Options{})
	if _, err := first.Pull(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	open := func(files string) *models.Store {
		s := models.New(first.Root(), catalog(t, entryOf(files)), models.Options{Tools: &packages{}})
		t.Cleanup(s.Close)
		return s
	}
	if s := open(at(old, "old") + "      - {path: more, optional: true}\n"); s.State("m") != models.StateInstalled {
		t.Errorf("an optional file more: %q", s.State("m"))
	}
	if s := open(at(old, "old") + "      - {path: more}\n"); s.State("m") != models.StatePartial {
		t.Errorf("a file more: %q", s.State("m"))
	}
	next := open(at(now, "now"))
	if next.State("m") != models.StatePartial || next.Installed("m") {
		t.Errorf("other bytes are wanted: %q", next.State("m"))
	}
	record := mustRead(t, filepath.Join(next.Root(), "m", "model.lock.json"))
	checks, err := next.Verify(t.Context(), "m")
	var damaged *models.DamagedError
	if !bytes.Equal(record, mustRead(t, filepath.Join(next.Root(), "m", "model.lock.json"))) {
		t.Error("the record of the old bytes was made one of the new")
	}
	if err != nil || len(checks) != 1 || !errors.As(checks[0].Err, &damaged) || damaged.Want != digest(now) || damaged.WantSize != 1_200 || checks[0].Size != 1_000 {
		t.Errorf("%+v, %v", checks, err)
	}
	if res, err := next.Pull(t.Context(), "m"); err != nil || res[0].Fetched != 1 || next.State("m") != models.StateInstalled {
		t.Fatalf("%+v, %v, %q", res, err, next.State("m"))
	}
	if !bytes.Equal(mustRead(t, filepath.Join(next.Root(), "m", "f")), now) {
		t.Error("other bytes")
	}
	lock, err := next.Lock("m")
	if err != nil || len(lock.Files) != 1 || lock.Name != "test" || lock.Model != "m" || lock.Files[0].Source != "file "+filepath.Join(dir, "now") {
		t.Errorf("%+v, %v", lock, err)
	}
}

// TestOptionalFiles that no source has are left out, are no fault, and are taken where one has
// them.
func TestOptionalFiles(t *testing.T) {
	data, dir := bytesOf(152, 100), t.TempDir()
	put(t, filepath.Join(dir, "must"), data)
	yaml := "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    sources: [{file: '" + dir + "/{path}'}]\n    files:\n" +
		"      - {path: may, optional: true}\n      - {path: must}\n"
	s := store(t, yaml, models.Options{Parallel: 1})
	want := []models.Result{{Model: "m", Fetched: 1, Bytes: 100}}
	res, err := s.Pull(t.Context(), "m")
	if diff := cmp.Diff(want, res); err != nil || diff != "" || !s.Installed("m") {
		t.Fatalf("%v %s %q", err, diff, s.State("m"))
	}
	for _, look := range []func(context.Context, ...string) ([]models.Check, error){s.Verify, s.Check} {
		checks, err := look(t.Context(), "m")
		if err != nil || len(checks) != 1 || checks[0].File != "must" || checks[0].Err != nil || checks[0].Origin != models.OriginUser {
			t.Errorf("%+v, %v", checks, err)
		}
	}
	put(t, filepath.Join(dir, "may"), data)
	remove(t, filepath.Join(s.Root(), "m", "must"))
	if res, err = s.Pull(t.Context(), "m"); err != nil || res[0].Fetched != 2 {
		t.Errorf("%+v, %v", res, err)
	}
}

// TestOneFailureOfMany leaves the others in place and on record: the next pull fetches that one
// alone.
func TestOneFailureOfMany(t *testing.T) {
	data, dir := bytesOf(153, 100), t.TempDir()
	yaml := "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    sources: [{file: '" + dir + "/{path}'}]\n    files: [{path: a}, {path: b}, {path: c}]\n" +
		"  - {id: n, name: test, kind: component, licence: MIT, files: [{path: a, sources: [{file: " + dir + "/a}]}]}\n"
	put(t, filepath.Join(dir, "a"), data)
	put(t, filepath.Join(dir, "c"), data)
	s := store(t, yaml, models.Options{})
	res, err := s.Pull(t.Context(), "m", "n")
	var bad *models.ModelError
	if !errors.As(err, &bad) || bad.Model != "m" || len(bad.Files) != 1 || s.State("m") != models.StatePartial || !s.Installed("n") {
		t.Fatalf("%+v, %v; m is %q, n %q", res, err, s.State("m"), s.State("n"))
	}
	if res[0].Fetched != 2 || res[0].Bytes != 200 || res[1].Fetched != 1 {
		t.Errorf("%+v", res)
	}
	put(t, filepath.Join(dir, "b"), data)
	res, err = s.Pull(t.Context(), "m", "n")
	want := []models.Result{{Model: "m", Fetched: 1, Kept: 2, Bytes: 100}, {Model: "n", Kept: 1}}
	if diff := cmp.Diff(want, res); err != nil || diff != "" || !s.Installed("m") {
		t.Errorf("%v %s %q", err, diff, s.State("m"))
	}
}

// TestAFileThatWasLoadedIsKept by a pull in the same process that brings another one.
func TestAFileThatWasLoadedIsKept(t *testing.T) {
	data, dir := bytesOf(167, 100), t.TempDir()
	put(t, filepath.Join(dir, "a"), data)
	put(t, filepath.Join(dir, "b"), data)
	s := store(t, "  - {id: m, name: test, kind: component, licence: MIT, sources: [{file: '"+dir+"/{path}'}], files: [{path: a}, {path: b}]}\n", models.Options{})
	if _, err := s.Pull(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Path("m", "a"); err != nil {
		t.Fatal(err)
	}
	remove(t, filepath.Join(s.Root(), "m", "b"))
	if res, err := s.Pull(t.Context(), "m"); err != nil || res[0].Fetched != 1 || res[0].Kept != 1 {
		t.Errorf("%+v, %v", res, err)
	}
}

// TestStatesOfManyFiles: the worst counts, wherever it stands.
func TestStatesOfManyFiles(t *testing.T) {
	dir := t.TempDir()
	yaml := "  - {id: m, name: test, kind: component, licence: MIT, folder: " + dir + "}\n"
	for _, name := range []string{"a", "b", "c"} {
		put(t, filepath.Join(dir, name), bytesOf(154, 100))
	}
	spoil := map[models.State]func(path string){
		models.StateInstalled: func(string) {},
		models.StateChanged:   func(path string) { older(t, path) },
		models.StatePartial:   func(path string) { remove(t, path) },
		models.StateDamaged:   func(path string) { damage(t, path, func(b []byte) []byte { return b[1:] }) },
	}
	order := []models.State{models.StateInstalled, models.StateChanged, models.StatePartial, models.StateDamaged}
	for _, states := range [][]models.State{
		{order[0], order[0], order[0]},
		{order[1], order[0], order[0]},
		{order[0], order[0], order[1]},
		{order[1], order[2], order[0]},
		{order[2], order[1], order[1]},
		{order[2], order[0], order[3]},
		{order[3], order[2], order[1]},
	} {
		s := store(t, yaml, models.Options{})
		if _, err := s.Pull(t.Context(), "m"); err != nil {
			t.Fatal(err)
		}
		want := order[0]
		for i, name := range []string{"a", "b", "c"} {
			spoil[states[i]](filepath.Join(s.Root(), "m", name))
			if slices.Index(order, states[i]) > slices.Index(order, want) {
				want = states[i]
			}
		}
		if got := s.State("m"); got != want {
			t.Errorf("%v: %q", states, got)
		}
		folder, err := s.Folder(t.Context(), "m")
		if good := want == order[0] || want == order[1]; good != (err == nil) || good != (folder == s.ModelDir("m")) {
			t.Errorf("%v: %q, %v", states, folder, err)
		}
	}
}

// TestVerifyOfTheBuiltInModel tells the digests of what is inside the program.
func TestVerifyOfTheBuiltInModel(t *testing.T) {
	s := store(t, entry("m", "m.bin", nil, false), models.Options{})
	checks, err := s.Verify(t.Context(), models.CalibrationID)
	if err != nil || len(checks) < 7 {
		t.Fatalf("%+v, %v", checks, err)
	}
	fsys, err := models.CalibrationFS()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		f, err := fsys.Open(c.File)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(f); err != nil || c.Err != nil || c.SHA256 != digest(b.Bytes()) || c.Size != int64(b.Len()) || c.Size == 0 || c.Model != "calibration" {
			t.Errorf("%+v, %v", c, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Verify(ctx, models.CalibrationID); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
