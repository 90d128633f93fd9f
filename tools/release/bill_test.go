package main

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

// billOf is what these tests read of a bill of materials.
type billOf struct {
	SpecVersion string `json:"specVersion"`
	Metadata    struct {
		Timestamp string           `json:"timestamp"`
		Tools     []map[string]any `json:"tools"`
		Component struct {
			Ref string `json:"bom-ref"`
		} `json:"component"`
	} `json:"metadata"`
	Components   []part `json:"components"`
	Dependencies []struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn"`
	} `json:"dependencies"`
	Compositions []struct {
		Aggregate    string   `json:"aggregate"`
		Dependencies []string `json:"dependencies"`
	} `json:"compositions"`
}

type part struct {
	Ref      string              `json:"bom-ref"`
	Group    string              `json:"group"`
	Name     string              `json:"name"`
	Version  string              `json:"version"`
	Scope    string              `json:"scope"`
	URL      string              `json:"purl"`
	Licenses []map[string]string `json:"licenses"`
	Hashes   []map[string]string `json:"hashes"`
}

func readBill(t *testing.T) (b billOf) {
	t.Helper()
	if err := json.Unmarshal(get(t, released(t), bill), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// addresses are the package URLs of a type, without their qualifiers.
func (b billOf) addresses(kind string) (out []string) {
	for _, c := range b.Components {
		if address, _, _ := strings.Cut(c.URL, "?"); strings.HasPrefix(address, "pkg:"+kind+"/") {
			out = append(out, address)
		}
	}
	return out
}

// TestTheBillNamesLibraries: those that are linked, those that are loaded, and the modules still.
func TestTheBillNamesLibraries(t *testing.T) {
	b := readBill(t)
	for kind, want := range map[string][]string{
		"deb": {
			"pkg:deb/debian/libavcodec59@7:5.1.7-0%2Bdeb12u1", "pkg:deb/debian/libopencv-core406@4.6.0%2Bdfsg-12",
			"pkg:deb/debian/libopus0@1.3.1-3",
		},
		"pypi": {"pkg:pypi/onnxruntime-gpu@1.31.1", "pkg:pypi/onnxruntime@1.31.1"},
		"golang": {
			"pkg:golang/github.com/hraban/opus@v0.0.0-20260708213942-bde8e4304501",
			"pkg:golang/github.com/twitchtv/twirp@v8.1.3+incompatible", "pkg:golang/std@go1.26.8",
		},
	} {
		if got := b.addresses(kind); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	for _, c := range b.Components {
		want := "required"
		if strings.HasPrefix(c.URL, "pkg:pypi/") {
			want = "optional"
		}
		if c.Scope != want {
			t.Errorf("%s is %s, want %s", c.Ref, c.Scope, want)
		}
	}
	if b.Metadata.Timestamp != "2026-11-29T08:00:00Z" {
		t.Errorf("made at %s", b.Metadata.Timestamp)
	}
}

// TestTheBillNamesThePage: what the page says that it is made of, with the same licences.
func TestTheBillNamesThePage(t *testing.T) {
	f, err := os.Open("../../web/dist/licences.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, section := range strings.Split("\n"+string(text), "\n"+strings.Repeat("-", 72)+"\n") {
		title, _, _ := strings.Cut(strings.TrimSpace(section), "\n")
		want[title] = true
	}
	got := map[string]bool{}
	for _, c := range readBill(t).Components {
		if !strings.HasPrefix(c.URL, "pkg:npm/") {
			continue
		}
		name, address := c.Name, "pkg:npm/"
		if c.Group != "" {
			name, address = c.Group+"/"+c.Name, address+"%40"+c.Group[1:]+"/"
		}
		if address += c.Name + "@" + c.Version; c.URL != address || c.Ref != address {
			t.Errorf("%s and %s, want %s", c.Ref, c.URL, address)
		}
		if len(c.Hashes) != 1 || c.Hashes[0]["alg"] != "SHA-512" || len(c.Hashes[0]["content"]) != 128 {
			t.Errorf("%s has %v", c.Ref, c.Hashes)
		}
		got[name+" "+c.Version+", "+c.Licenses[0]["expression"]] = true
	}
	if len(want) < 10 || !maps.Equal(got, want) {
		t.Errorf("%v\nwant %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}

// TestTheBillHangsTogether: names within it are unique, and lead somewhere; the program depends on
// all that was added, and nobody says that this is all.
func TestTheBillHangsTogether(t *testing.T) {
	b := readBill(t)
	program := b.Metadata.Component.Ref
	there := map[string]bool{program: true}
	var added []string
	form := regexp.MustCompile(`^pkg:(golang|npm|deb|pypi)/[^@?]+@[^@?]+(\?[^?]+)?$`)
	for _, c := range b.Components {
		if there[c.Ref] {
			t.Errorf("%s is there twice", c.Ref)
		}
		there[c.Ref] = true
		if u, err := url.Parse(c.URL); err != nil || u.Scheme != "pkg" || !form.MatchString(c.URL) {
			t.Errorf("%s is no package URL: %v", c.URL, err)
		}
		if !strings.HasPrefix(c.Ref, "pkg:golang/") {
			added = append(added, c.Ref)
		}
	}
	listed := map[string]bool{}
	for _, d := range b.Dependencies {
		if listed[d.Ref] || !there[d.Ref] {
			t.Errorf("dependencies of %s: twice, or of nothing", d.Ref)
		}
		listed[d.Ref] = true
		for _, on := range d.DependsOn {
			if !there[on] {
				t.Errorf("%s depends on %s, which is not there", d.Ref, on)
			}
		}
		if d.Ref != program {
			continue
		}
		for _, ref := range added {
			if !slices.Contains(d.DependsOn, ref) {
				t.Errorf("the program does not depend on %s", ref)
			}
		}
	}
	if len(listed) != len(there) {
		t.Errorf("%d of %d have dependencies", len(listed), len(there))
	}
	said := map[string][]string{}
	for _, c := range b.Compositions {
		said[c.Aggregate] = append(said[c.Aggregate], c.Dependencies...)
	}
	if got := said["incomplete"]; len(said) != 2 || !slices.Equal(got, []string{program}) || len(said["unknown"]) != len(b.Components) {
		t.Errorf("%v", said)
	}
}

// TestTheBillIsOfAnyBuildOfItsTools: the name and version of a tool stand in it, and nothing of the
// file that it was.
func TestTheBillIsOfAnyBuildOfItsTools(t *testing.T) {
	tools := readBill(t).Metadata.Tools
	if len(tools) != 1 || tools[0]["name"] != "cyclonedx-gomod" || tools[0]["version"] != "v1.10.0" {
		t.Fatalf("%v", tools)
	}
	if sums, there := tools[0]["hashes"]; there {
		t.Errorf("%v", sums)
	}
}

// TestWhatIsNoBillOfAProgramIsRefused, and stays as it was.
func TestWhatIsNoBillOfAProgramIsRefused(t *testing.T) {
	for text, says := range map[string]string{
		`{"bomFormat": "CycloneDX", "specVersion": "1.6"}`: "about no program",
		`{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {"bom-ref": "p", "type": "application", "name": "p"}},
			"components": [], "dependencies": []}`: "what p depends on",
	} {
		folder, given := flags(t)
		put(t, filepath.Join(folder, bill), text)
		if err := call(given); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %s", err, says)
		}
		if string(get(t, folder, bill)) != text {
			t.Error("it was changed")
		}
	}
}

// TestTheBillIsValid by the schema of CycloneDX 1.6, which lies beside the library that writes it.
func TestTheBillIsValid(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(strings.TrimSpace(string(out)), "schema")
	load := func(name string) (*jsonschema.Schema, error) {
		var s jsonschema.Schema
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err == nil {
			err = json.Unmarshal(text, &s)
		}
		return &s, err
	}
	root, err := load("bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := root.Resolve(&jsonschema.ResolveOptions{
		BaseURI: "http://cyclonedx.org/schema/bom-1.6.schema.json",
		Loader: func(uri *url.URL) (*jsonschema.Schema, error) {
			return load(strings.Replace(filepath.Base(uri.Path), "jsf-0.82.schema.", "jsf-0.82.schemax.", 1)) // its name there
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(get(t, released(t), bill), &document); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(document); err != nil {
		t.Error(err)
	}
	document["components"].([]any)[0].(map[string]any)["scope"] = "wanted"
	if schema.Validate(document) == nil {
		t.Error("the schema takes any scope")
	}
}
