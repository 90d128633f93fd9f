package models_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/models"
)

func TestWhereModelsAre(t *testing.T) {
	for _, c := range []struct{ models, data, home, want string }{
		{"/m", "/d", "/h", "/m"}, {"", "/d", "/h", "/d/sensory-agent/models"}, {"", "", "/h", "/h/.local/share/sensory-agent/models"},
	} {
		t.Setenv("SENSORY_AGENT_MODELS", c.models)
		t.Setenv("XDG_DATA_HOME", c.data)
		t.Setenv("HOME", c.home)
		if got, err := models.Dir(); err != nil || got != c.want {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
	t.Setenv("HOME", "")
	if dir, err := models.Dir(); err == nil {
		t.Errorf("without a home: %q", dir)
	}
	if s, err := models.Open("", models.Options{}); err == nil {
		t.Errorf("without a home: %v", s.Root())
	}
}

func TestTheDefaultStore(t *testing.T) {
	home := t.TempDir()
	t.Setenv("SENSORY_AGENT_MODELS", filepath.Join(home, "models"))
	t.Setenv("SENSORY_AGENT_CATALOG", "")
	t.Setenv("XDG_CONFIG_HOME", home)
	if path, err := models.UserFile(); err != nil || path != filepath.Join(home, "sensory-agent", "models.yaml") {
		t.Fatalf("the user's catalog is %q, %v", path, err)
	}
	s, err := models.Open("", models.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Root() != filepath.Join(home, "models") || s.ModelDir("m") != filepath.Join(home, "models", "m") {
		t.Errorf("%q, %q", s.Root(), s.ModelDir("m"))
	}
	if _, err := s.Catalog().Entry("silero-vad"); err != nil {
		t.Error(err)
	}
	put(t, filepath.Join(home, "sensory-agent", "models.yaml"), []byte("models: ["))
	if _, err := models.Open("", models.Options{}); !errors.Is(err, models.ErrCatalog) {
		t.Errorf("a broken catalog of the user: %v", err)
	}
	put(t, filepath.Join(home, "sensory-agent", "models.yaml"), []byte(good))
	own, err := models.Open("", models.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	if _, err := own.Catalog().Entry("m"); err != nil {
		t.Error(err)
	}
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("HOME", "")
	if _, err := models.UserFile(); err == nil {
		t.Error("a configuration folder without a home")
	}
}

// TestNamesThatNobodyKnows are refused by everything that takes one.
func TestNamesThatNobodyKnows(t *testing.T) {
	s, _ := installed(t, bytesOf(90, 10), models.Options{})
	for name, call := range map[string]func() error{
		"lock":   func() error { _, err := s.Lock("nobody"); return err },
		"path":   func() error { _, err := s.Path("nobody", "m.bin"); return err },
		"folder": func() error { _, err := s.Folder(t.Context(), "nobody"); return err },
		"files":  func() error { _, err := s.FS("nobody"); return err },
		"pull":   func() error { _, err := s.Pull(t.Context(), "m", "nobody"); return err },
		"import": func() error { _, err := s.Import(t.Context(), "nobody", s.Root()); return err },
		"remove": func() error { _, err := s.Remove(t.Context(), "m", "nobody"); return err },
		"verify": func() error { _, err := s.Verify(t.Context(), "m", "nobody"); return err },
		"check":  func() error { _, err := s.Check(t.Context(), "nobody"); return err },
	} {
		var unknown *models.UnknownModelError
		if err := call(); !errors.As(err, &unknown) || !errors.Is(err, models.ErrUnknownModel) || unknown.Name != "nobody" ||
			!strings.Contains(err.Error(), `unknown model "nobody"; known: `) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.State("nobody") != models.StateAbsent || s.Installed("nobody") || !s.Installed("m") {
		t.Error("a name that nobody knows is installed, or m is gone")
	}
	for _, path := range []string{"../m/m.bin", "/etc/passwd", "", "a/../m.bin", ".hidden", "model.lock.json"} {
		if got, err := s.Path("m", path); !errors.Is(err, models.ErrUnsafePath) {
			t.Errorf("%q: %q, %v", path, got, err)
		}
	}
	path, err := s.Path("m", "m.bin")
	if err != nil || !filepath.IsAbs(path) {
		t.Errorf("%q, %v", path, err)
	}
}

// TestPathsAreAbsolute where the folder is named from the working folder.
func TestPathsAreAbsolute(t *testing.T) {
	s, _ := installed(t, bytesOf(91, 10), models.Options{})
	t.Chdir(filepath.Dir(s.Root()))
	near := models.New(filepath.Base(s.Root()), s.Catalog(), models.Options{Tools: &packages{}})
	defer near.Close()
	path, err := near.Path("m", "m.bin")
	folder, ferr := near.Folder(t.Context(), "m")
	if err != nil || ferr != nil || !filepath.IsAbs(path) || filepath.Dir(path) != folder {
		t.Errorf("%q, %v; %q, %v", path, err, folder, ferr)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestWhatIsPresent(t *testing.T) {
	s, _ := installed(t, bytesOf(92, 10), models.Options{})
	put(t, filepath.Join(s.Root(), "silero-vad"), nil) // a file is no model
	put(t, filepath.Join(s.Root(), "nobody", "x"), nil)
	if err := os.MkdirAll(filepath.Join(s.Root(), "runtime-cpu"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.Present(), " "); got != "calibration m runtime-cpu" {
		t.Errorf("present: %s", got)
	}
	if s.State("runtime-cpu") != models.StateAbsent || s.State("calibration") != models.StateInstalled {
		t.Errorf("%q, %q", s.State("runtime-cpu"), s.State("calibration"))
	}
	if got := s.Catalog().SetNames(); len(got) == 0 || !strings.Contains(strings.Join(got, " "), "embedded") {
		t.Errorf("sets %v", got)
	}
}

// TestWhatErrorsSay is read by people: every one names what is wrong, and where a command helps,
// that.
func TestWhatErrorsSay(t *testing.T) {
	for want, err := range map[string]error{
		"m/f is not installed; run: sensory-agent models pull m": &models.NotInstalledError{Model: "m", File: "f"},
		"m is not installed; run: sensory-agent models pull m":   &models.NotInstalledError{Model: "m"},
		"f: digest b, expected a":                                &models.DigestError{File: "f", Want: "a", Got: "b"},
		"f: 2 bytes, expected 1":                                 &models.SizeError{File: "f", Want: 1, Got: 2},
		"/d needs 2.0 kB, 1.0 kB free":                           &models.DiskSpaceError{Dir: "/d", Need: 2000, Free: 1000},
		"the disk that holds /d is full (10 B free)":             &models.DiskSpaceError{Dir: "/d", Free: 10},
		"m/f is damaged: digest b, expected a; run: sensory-agent models pull m": &models.DamagedError{
			Model: "m", File: "f", Want: "a", Got: "b", WantSize: 1, GotSize: 1,
		},
		"m/f is damaged: digest b, expected a; run: sensory-agent models import m PATH": &models.DamagedError{
			Model: "m", File: "f", Want: "a", Got: "b", Imported: true,
		},
		"m/f is damaged: 2 bytes, expected 1 with digest a; run: sensory-agent models pull m": &models.DamagedError{
			Model: "m", File: "f", Want: "a", WantSize: 1, GotSize: 2,
		},
		"model m: /f is no whole model of the family llama; missing: a, b or c": &models.IncompleteError{
			Model: "m", Family: "llama", Folder: "/f", Missing: []string{"a", "b or c"},
		},
		"m/f could not be fetched: the catalog names no source; bring the file yourself: sensory-agent models import m PATH": &models.PullError{
			Model: "m", File: "f",
		},
		"m/f could not be fetched\n  1. here: x\n  2. there: y": &models.PullError{
			Model: "m", File: "f", Attempts: []models.Attempt{{Source: "here", Err: errors.New("x")}, {Source: "there", Err: errors.New("y")}},
		},
		"x":                          &models.ModelError{Model: "m", Files: []error{errors.New("x")}},
		"x\n  and 2 more files of m": &models.ModelError{Model: "m", Files: []error{errors.New("x"), errors.New("y"), errors.New("z")}},
		"h answered 404 Not Found":   &models.StatusError{Host: "h", Code: 404},
		"pypi client: x: last words": &models.ToolError{Tool: "pypi", Output: "last words", Err: errors.New("x")},
	} {
		if got := err.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestADamagedFileThatTheUserBrought has no source: the error says how to bring it again.
func TestADamagedFileThatTheUserBrought(t *testing.T) {
	from := filepath.Join(t.TempDir(), "m.bin")
	put(t, from, bytesOf(93, 1_000))
	s := store(t, entry("m", "m.bin", nil, false), models.Options{})
	if _, err := s.Import(t.Context(), "m", from); err != nil {
		t.Fatal(err)
	}
	damage(t, filepath.Join(s.Root(), "m", "m.bin"), oneBit)
	next := reopen(t, s, models.Options{})
	_, err := next.Path("m", "m.bin")
	var damaged *models.DamagedError
	if !errors.As(err, &damaged) || damaged.Command() != "sensory-agent models import m PATH" {
		t.Fatalf("got %v", err)
	}
	if _, err := next.Import(t.Context(), "m", from); err != nil || next.State("m") != models.StateInstalled {
		t.Errorf("brought again: %v, %q", err, next.State("m"))
	}
}
