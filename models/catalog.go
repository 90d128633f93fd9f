package models

import (
	_ "embed" // catalog.yaml and profiles.yaml
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/internal/yamlguard"
)

//go:embed catalog.yaml
var builtinCatalog []byte

//go:embed profiles.yaml
var builtinProfiles []byte

// Catalog is the set of known models: the built-in ones and those of a user's own file. It is
// read-only after loading.
type Catalog struct {
	// Entries are sorted by id.
	Entries []Entry
	// Sets are named groups of ids, such as "embedded".
	Sets map[string][]string
	// Profiles are the named requirements, built-in ones first.
	Profiles []model.Profile

	defaults map[model.Role][]string // of the documents so far
}

// Entry is one model, adapter, component or runtime library as the catalog declares it.
type Entry struct {
	ID           string   `yaml:"id"`
	Name         string   `yaml:"name"`
	Kind         string   `yaml:"kind"`
	Family       string   `yaml:"family"`
	Capabilities []string `yaml:"capabilities"`
	// Context is the window in tokens.
	Context int `yaml:"context"`
	// Pictures is how many pictures the model takes beside one question, each behind its time; 0
	// means one.
	Pictures int    `yaml:"pictures"`
	Licence  string `yaml:"licence"`
	// LicenceNote is shown beside the licence wherever a user sees it.
	LicenceNote string `yaml:"licence_note"`
	// MemoryMB is what the loaded model needs, in 10^6 bytes.
	MemoryMB int64 `yaml:"memory_mb"`
	// Sound says that the model is given the sound of a spoken question, beside its transcript.
	Sound bool `yaml:"sound"`
	// Variant is the suffix of the language graphs to run, for example "_q4", where there are
	// several.
	Variant string `yaml:"variant"`
	// Rank orders qualified models: the higher wins.
	Rank int `yaml:"rank"`
	// Unverified says why nothing is claimed for this entry; "" for entries the project runs
	// itself.
	Unverified string `yaml:"unverified"`
	// Platform is "os/arch" for files that run on one platform only.
	Platform string `yaml:"platform"`
	// Provides is the execution provider that a runtime entry brings: cpu or cuda.
	Provides string `yaml:"provides"`
	// Providers are the execution providers that the files run on; empty means cpu and cuda.
	Providers []string `yaml:"providers"`
	// Convert names the step that runs after the files are there; Outputs the files that the step
	// makes.
	Convert string   `yaml:"convert"`
	Outputs []string `yaml:"outputs"`
	// Embedded marks a model whose files are inside this binary.
	Embedded bool `yaml:"embedded"`
	// Folder is a local folder or file that holds the whole model (a user's own entries).
	Folder string `yaml:"folder"`
	// Remote is set for models that a server runs.
	Remote *Remote `yaml:"remote"`
	// Answer is what is known of how a model writes; nil for nothing.
	Answer *AnswerStyle `yaml:"answer"`
	// Sources are tried for each file after the file's own; "{path}" stands for the file's path.
	Sources []Source `yaml:"sources"`
	Files   []File   `yaml:"files"`
	// Origin is the document that declared the entry.
	Origin string `yaml:"-"`
}

// File is one file of an entry.
type File struct {
	// Path is relative to the model's folder, with forward slashes.
	Path string `yaml:"path"`
	// Size in bytes; 0 when nobody of the project has seen the file.
	Size int64 `yaml:"size"`
	// About is a rough size in bytes for the disk-space check where Size is not known.
	About int64 `yaml:"about"`
	// SHA256 is lower-case hex, or "" when it is taken from what the host declares.
	SHA256 string `yaml:"sha256"`
	// Optional files that no source has are left out.
	Optional bool     `yaml:"optional"`
	Sources  []Source `yaml:"sources"`
}

// Source is one place that has a file. Exactly one field is set.
type Source struct {
	HuggingFace *HuggingFace `yaml:"huggingface"`
	URL         string       `yaml:"url"`
	PyPI        *Package     `yaml:"pypi"`
	NPM         *Package     `yaml:"npm"`
	File        string       `yaml:"file"`
}

// HuggingFace is a file of a repository at a revision. A revision that moves is resolved at pull
// time and recorded.
type HuggingFace struct {
	Repo     string `yaml:"repo"`
	Revision string `yaml:"revision"`
	Path     string `yaml:"path"`
}

// Package is a member of an archive that a package registry serves.
type Package struct {
	Name    string `yaml:"name"`
	Version string `yaml:"version"`
	// Member is the path inside the archive; Members are several that are joined in order.
	Member  string   `yaml:"member"`
	Members []string `yaml:"members"`
	// Size of the archive in bytes: for the progress display and the disk-space check.
	Size int64 `yaml:"size"`
	// Python and Platforms choose one wheel whatever Python is installed, such as "3.11" and
	// "manylinux_2_28_x86_64".
	Python    string   `yaml:"python"`
	Platforms []string `yaml:"platforms"`
}

// Load returns the built-in catalog together with the given documents (a user's own entries, sets
// and profiles). A document's name is used in messages only. It fails with ErrCatalog, naming
// document, line and field.
func Load(user ...Document) (*Catalog, error) {
	return Parse(append([]Document{
		{Name: "catalog.yaml", Data: builtinCatalog},
		{Name: "profiles.yaml", Data: builtinProfiles},
	}, user...)...)
}

// Parse returns the catalog of the given documents alone, in the same form and with the same errors
// as Load.
func Parse(docs ...Document) (*Catalog, error) {
	c := &Catalog{Sets: map[string][]string{}}
	for _, d := range docs {
		if err := c.add(d); err != nil {
			return nil, err
		}
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return c, nil
}

// UserFile returns the path of the user's own catalog file: $SENSORY_AGENT_CATALOG, or models.yaml
// in the user's configuration folder.
func UserFile() (string, error) {
	if path := os.Getenv("SENSORY_AGENT_CATALOG"); path != "" {
		return path, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the configuration folder: %w", err)
	}
	return filepath.Join(dir, "sensory-agent", "models.yaml"), nil
}

// LoadUser loads the built-in catalog and the user's own file, if there is one.
func LoadUser() (*Catalog, error) {
	path, err := UserFile()
	if err != nil {
		return nil, err
	}
	data, err := readDocument(path)
	switch {
	case os.IsNotExist(err) && os.Getenv("SENSORY_AGENT_CATALOG") == "":
		return Load()
	case err != nil:
		return nil, fmt.Errorf("read the catalog file: %w", err)
	}
	return Load(Document{Name: path, Data: data})
}

// readDocument reads a file, or as much of it as shows that it is too large.
func readDocument(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, int64(yamlguard.Default().Bytes)+1))
}

// Entry returns the entry with that id.
func (c *Catalog) Entry(id string) (*Entry, error) {
	i, ok := slices.BinarySearchFunc(c.Entries, id, func(e Entry, id string) int {
		switch {
		case e.ID < id:
			return -1
		case e.ID > id:
			return 1
		}
		return 0
	})
	if !ok {
		return nil, &UnknownModelError{Name: id, Known: c.names()}
	}
	return &c.Entries[i], nil
}

// Expand turns ids and set names into ids, each once, in the order given.
func (c *Catalog) Expand(names ...string) ([]string, error) {
	var ids []string
	seen := map[string]bool{}
	add := func(id string) {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, n := range names {
		if set, ok := c.Sets[n]; ok {
			for _, id := range set {
				add(id)
			}
			continue
		}
		if _, err := c.Entry(n); err != nil {
			return nil, err
		}
		add(n)
	}
	return ids, nil
}

// Profile returns the profile with that id.
func (c *Catalog) Profile(id string) (model.Profile, error) {
	known := make([]string, 0, len(c.Profiles))
	for _, p := range c.Profiles {
		if p.ID == id {
			return p, nil
		}
		known = append(known, p.ID)
	}
	return model.Profile{}, &model.UnknownProfileError{ID: id, Known: known}
}

func (c *Catalog) names() []string {
	var out []string
	for i := range c.Entries {
		out = append(out, c.Entries[i].ID)
	}
	for s := range c.Sets {
		out = append(out, s+" (set)")
	}
	sort.Strings(out)
	return out
}

// Bytes returns the sum of the known or rough file sizes.
func (e *Entry) Bytes() int64 {
	var n int64
	for _, f := range e.Files {
		n += f.expect()
	}
	return n
}

func (f *File) expect() int64 {
	if f.Size > 0 {
		return f.Size
	}
	return f.About
}

// sources returns the file's own sources, then the entry's, with "{path}" filled in.
func (e *Entry) sources(f *File) []Source {
	out := make([]Source, 0, len(f.Sources)+len(e.Sources))
	for _, s := range f.Sources {
		out = append(out, s.fill(f.Path))
	}
	for _, s := range e.Sources {
		out = append(out, s.fill(f.Path))
	}
	return out
}

// SetNames returns the names of the sets, sorted.
func (c *Catalog) SetNames() []string {
	return slices.Sorted(maps.Keys(c.Sets))
}
