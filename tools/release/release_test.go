package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const (
	archive = "sensory-agent-v1.2.3-linux-amd64.tar.gz"
	bill    = "sensory-agent-v1.2.3-linux-amd64.cdx.json"
	commit  = "0123456789abcdef0123456789abcdef01234567"
	guide   = "../../docs/release.md"
)

// flags returns a folder with what scripts/release has made, and what it calls the command with.
func flags(t *testing.T) (folder string, given map[string]string) {
	t.Helper()
	folder = t.TempDir()
	put(t, filepath.Join(folder, archive), "what was packed")
	made, err := os.ReadFile("testdata/gomod.cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(folder, bill), string(made))
	return folder, map[string]string{
		"dist": folder, "version": "v1.2.3", "commit": commit, "time": "2026-11-29T10:00:00+02:00", "go": "go1.26.8", "system": "debian-12",
		"bill": bill, "page": "../../web/package-lock.json", "catalog": "../../models/catalog.yaml", "sum": "../../go.sum",
		"libraries": "testdata/libraries", "packages": "testdata/packages",
	}
}

func call(given map[string]string) error {
	var args []string
	for name, value := range given {
		args = append(args, "-"+name, value)
	}
	return run(args, io.Discard)
}

// released runs the command once, and returns the folder.
func released(t *testing.T) string {
	t.Helper()
	folder, given := flags(t)
	if err := call(given); err != nil {
		t.Fatal(err)
	}
	return folder
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, path ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func sum(text []byte) string {
	s := sha256.Sum256(text)
	return hex.EncodeToString(s[:])
}

// TestSumsAreOfEveryFile: sha256sum itself checks them, and it notices a changed file.
func TestSumsAreOfEveryFile(t *testing.T) {
	folder := released(t)
	check := func() error {
		cmd := exec.CommandContext(t.Context(), "sha256sum", "--quiet", "--strict", "--check", "SHA256SUMS")
		cmd.Dir = folder
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		return err
	}
	if err := check(); err != nil {
		t.Error(err)
	}
	var names []string
	for line := range strings.Lines(string(get(t, folder, "SHA256SUMS"))) {
		names = append(names, strings.Fields(line)[1])
	}
	if want := []string{bill, archive, "provenance.json"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	put(t, filepath.Join(folder, archive), "what was changed")
	if check() == nil {
		t.Error("a changed archive passed")
	}
}

// TestProvenance reads the statement by the names of the specification.
func TestProvenance(t *testing.T) {
	folder := released(t)
	var s Statement
	d := json.NewDecoder(bytes.NewReader(get(t, folder, "provenance.json")))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		t.Fatal(err)
	}
	deb := func(rest string) Resource {
		name, _, _ := strings.Cut(rest, "@")
		return Resource{Name: strings.ReplaceAll(name, "%2B", "+"), URI: "pkg:deb/debian/" + rest + "&distro=debian-12"}
	}
	var want Statement
	want.Type, want.PredicateType = "https://in-toto.io/Statement/v1", "https://slsa.dev/provenance/v1"
	want.Subject = []Resource{
		{Name: bill, Digest: map[string]string{"sha256": sum(get(t, folder, bill))}},
		{Name: archive, Digest: map[string]string{"sha256": sum([]byte("what was packed"))}},
	}
	b := &want.Predicate.BuildDefinition
	b.BuildType = "https://github.com/sensory-agent/sensory-agent/blob/main/docs/release.md#build-type-v1"
	b.ExternalParameters = map[string]string{"version": "v1.2.3"}
	b.ResolvedDependencies = []Resource{
		{URI: "git+https://github.com/sensory-agent/sensory-agent@refs/tags/v1.2.3", Digest: map[string]string{"gitCommit": commit}},
		{Name: "go.sum", Digest: map[string]string{"sha256": sum(get(t, "../../go.sum"))}},
		deb("g%2B%2B@4:12.2.0-3?arch=amd64"),
		deb("libopus-dev@1.3.1-3?arch=amd64"),
	}
	want.Predicate.RunDetails.Builder.ID = "https://github.com/sensory-agent/sensory-agent/blob/main/docs/release.md#builder"
	want.Predicate.RunDetails.Builder.Version = map[string]string{"go": "go1.26.8", "system": "debian-12"}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("%+v\nwant %+v", s, want)
	}
}

// TestAddressesAreAbsolute: the specifications want URIs, and of the first two that they lead to a
// description.
func TestAddressesAreAbsolute(t *testing.T) {
	addresses := uris(t, get(t, released(t), "provenance.json"))
	if len(addresses) != 7 {
		t.Errorf("%d addresses: %v", len(addresses), addresses)
	}
	for _, a := range addresses {
		if u, err := url.Parse(a); err != nil || !u.IsAbs() || u.Host == "" && u.Opaque == "" {
			t.Errorf("%q is no URI: %v", a, err)
		}
	}
	for _, a := range []string{buildType, builder} {
		_, heading, _ := strings.Cut(a, "#")
		if !slices.Contains(anchors(string(get(t, guide))), heading) {
			t.Errorf("docs/release.md has no heading for %s", a)
		}
	}
}

// uris are what the fields of a statement have whose type is a URI.
func uris(t *testing.T, text []byte) []string {
	t.Helper()
	var s Statement
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	out := []string{s.Type, s.PredicateType, s.Predicate.BuildDefinition.BuildType, s.Predicate.RunDetails.Builder.ID}
	for _, r := range s.Predicate.BuildDefinition.ResolvedDependencies {
		if r.URI != "" {
			out = append(out, r.URI)
		} else if len(r.Digest) == 0 {
			t.Errorf("%s has neither address nor digest", r.Name)
		}
	}
	return out
}

// anchors are the names by which the headings of a text can be linked to.
func anchors(text string) (out []string) {
	for line := range strings.Lines(text) {
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			out = append(out, strings.ReplaceAll(strings.ToLower(strings.TrimSpace(heading)), " ", "-"))
		}
	}
	return out
}

// TestTheGuidesExample: the example has the fields of a real statement, no more and no fewer.
func TestTheGuidesExample(t *testing.T) {
	_, rest, _ := strings.Cut(string(get(t, guide)), "```json\n")
	example, _, _ := strings.Cut(rest, "```\n")
	if got, want := fields(t, []byte(example)), fields(t, get(t, released(t), "provenance.json")); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := uris(t, []byte(example)), []string{buildType, builder}; !slices.Equal(got[2:4], want) {
		t.Errorf("%v, want %v", got[2:4], want)
	}
}

// fields are the paths in a document, those in lists once.
func fields(t *testing.T, text []byte) []string {
	t.Helper()
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		found[path] = true
		switch v := value.(type) {
		case map[string]any:
			for name, inner := range v {
				walk(path+"."+name, inner)
			}
		case []any:
			for _, inner := range v {
				walk(path+"[]", inner)
			}
		}
	}
	walk("", document)
	return slices.Sorted(maps.Keys(found))
}

// TestTheSameInputGivesTheSameBytes, in another folder too.
func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	one, other := released(t), released(t)
	for _, name := range []string{bill, "provenance.json", "SHA256SUMS"} {
		if !bytes.Equal(get(t, one, name), get(t, other, name)) {
			t.Errorf("%s differs", name)
		}
	}
}

// TestWhatIsMissingIsSaid: nothing is written when the input is not whole.
func TestWhatIsMissingIsSaid(t *testing.T) {
	at := func(text string) string {
		path := filepath.Join(t.TempDir(), "file")
		put(t, path, text)
		return path
	}
	for name, c := range map[string]struct{ flag, value, says string }{
		"no commit":      {"commit", "", "-commit is missing"},
		"no time":        {"time", "today", "today"},
		"no libraries":   {"libraries", at(""), "names no package"},
		"half a line":    {"packages", at("libopus0 1.3.1-3 amd64\n"), `"libopus0 1.3.1-3 amd64" is no name`},
		"twice":          {"libraries", at(strings.Repeat("libopus0 1.3.1-3 amd64 opus\n", 2)), "libopus0@1.3.1-3?arch=amd64&distro=debian-12 is there twice"},
		"old lock":       {"page", at(`{"lockfileVersion": 2}`), "version 2, not 3"},
		"empty page":     {"page", at(`{"lockfileVersion": 3, "packages": {"": {}}}`), "no packages"},
		"no licence":     {"page", at(`{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1.0.0"}}}`), "node_modules/a: no licence"},
		"weak digest":    {"page", at(`{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1", "license": "MIT", "integrity": "sha1-AAAA"}}}`), "no SHA-512"},
		"no runtime":     {"catalog", at("models: []\n"), "no runtime"},
		"no bill":        {"bill", "none.cdx.json", "none.cdx.json"},
		"of no program":  {"bill", archive, "invalid"},
		"runtime of two": {"catalog", at("models: [{id: r, kind: runtime, licence: MIT}]\n"), "r has 0 packages"},
	} {
		t.Run(name, func(t *testing.T) {
			folder, given := flags(t)
			given[c.flag] = c.value
			if err := call(given); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %s", err, c.says)
			}
			if entries, err := os.ReadDir(folder); err != nil || len(entries) != 2 {
				t.Errorf("the folder has %v, %v", entries, err)
			}
		})
	}
}
