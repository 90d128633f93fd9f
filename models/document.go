package models

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"sort"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/internal/yamlguard"
)

// Document is one YAML text with entries, sets and profiles.
type Document struct {
	// Name is used in messages.
	Name string
	// Data is the text.
	Data []byte
}

// document is the form of the YAML text.
type document struct {
	Version  int                 `yaml:"version"`
	Models   []Entry             `yaml:"models"`
	Sets     map[string][]string `yaml:"sets"`
	Profiles []profileYAML       `yaml:"profiles"`
	Defaults defaultsYAML        `yaml:"defaults"`
}

// defaultsYAML are the ids for roles that a profile names nobody for, best first. Those of a
// document hold for its own profiles; for a role that it leaves out, those of the documents before
// it.
type defaultsYAML struct {
	Ear       []string `yaml:"ear"`
	Interim   []string `yaml:"interim"`
	Detector  []string `yaml:"detector"`
	EndOfTurn []string `yaml:"end_of_turn"`
	Voice     []string `yaml:"voice"`
}

// over returns the defaults with those of before in the place of what is left out.
func (d defaultsYAML) over(before map[model.Role][]string) map[model.Role][]string {
	out := map[model.Role][]string{}
	maps.Copy(out, before)
	for role, ids := range map[model.Role][]string{
		model.RoleEar: d.Ear, model.RoleInterim: d.Interim, model.RoleDetector: d.Detector, model.RoleEndOfTurn: d.EndOfTurn, model.RoleVoice: d.Voice,
	} {
		if len(ids) > 0 {
			out[role] = ids
		}
	}
	return out
}

// profileYAML is a profile as written in YAML.
type profileYAML struct {
	ID          string              `yaml:"id"`
	Description string              `yaml:"description"`
	Native      []string            `yaml:"native"`
	Adapted     map[string][]string `yaml:"adapted"`
	Requires    []string            `yaml:"requires"`
	Models      []string            `yaml:"models"`
	Context     int                 `yaml:"context_min"`
	Residency   string              `yaml:"residency"`
	Providers   string              `yaml:"providers"`
	Licences    []string            `yaml:"licences"`
	Sight       sightYAML           `yaml:"sight"`
}

// sightYAML says what an answer may wait for its pictures, as in "1s" or "800ms", how many there
// are at most, and how far apart and how old.
type sightYAML struct {
	Wait     time.Duration `yaml:"wait"`
	Pictures int           `yaml:"pictures"`
	Spacing  time.Duration `yaml:"spacing"`
	Within   time.Duration `yaml:"within"`
}

// parseDocument reads one document strictly and within the limits of yamlguard: unknown and
// repeated keys, anchors, aliases and tags are errors.
func parseDocument(d Document) (doc document, err error) {
	bad := func(cause error) error {
		return fmt.Errorf("%w: %s: %w", ErrCatalog, d.Name, cause)
	}
	// The YAML library is known to crash on some broken texts; a user's file must not take the
	// program down with it.
	defer func() {
		if cause := recover(); cause != nil {
			doc, err = document{}, bad(fmt.Errorf("unreadable YAML: %v", cause))
		}
	}()
	if err := yamlguard.Check(d.Data, yamlguard.Default()); err != nil {
		var limit *yamlguard.LimitError
		if errors.As(err, &limit) && limit.Line > 0 {
			err = fmt.Errorf("line %d: %w", limit.Line, err)
		}
		return document{}, bad(err)
	}
	tree, err := parser.ParseBytes(d.Data, 0)
	if err != nil {
		return document{}, bad(err)
	}
	for _, body := range tree.Docs {
		guard := &plainOnly{}
		ast.Walk(guard, body)
		if guard.found != "" {
			return document{}, bad(errors.New(guard.found))
		}
	}
	dec := yaml.NewDecoder(bytes.NewReader(d.Data), yaml.Strict())
	if err := dec.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return document{}, bad(err)
	}
	if doc.Version != 0 && doc.Version != 1 {
		return document{}, bad(fmt.Errorf("version %d, this program reads version 1", doc.Version))
	}
	return doc, nil
}

// plainOnly finds YAML features that let a small text grow without bound.
type plainOnly struct{ found string }

// Visit implements ast.Visitor.
func (p *plainOnly) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		p.found = fmt.Sprintf("line %d: anchors, aliases and tags are not supported", n.GetToken().Position.Line)
		return nil
	}
	return p
}

// add merges one document. An id that exists already is an error that names both documents.
func (c *Catalog) add(d Document) error {
	doc, err := parseDocument(d)
	if err != nil {
		return err
	}
	origins := map[string]string{}
	for i := range c.Entries {
		origins[c.Entries[i].ID] = c.Entries[i].Origin
	}
	for _, e := range doc.Models {
		if prev, ok := origins[e.ID]; ok {
			return fmt.Errorf("%w: %s: model %q is already declared in %s", ErrCatalog, d.Name, e.ID, prev)
		}
		e.Origin = d.Name
		origins[e.ID] = d.Name
		c.Entries = append(c.Entries, e)
	}
	sort.Slice(c.Entries, func(i, j int) bool { return c.Entries[i].ID < c.Entries[j].ID })
	for name, ids := range doc.Sets {
		if _, ok := c.Sets[name]; ok {
			return fmt.Errorf("%w: %s: set %q is already declared", ErrCatalog, d.Name, name)
		}
		c.Sets[name] = ids
	}
	c.defaults = doc.Defaults.over(c.defaults)
	for _, p := range doc.Profiles {
		profile, err := p.profile()
		profile.Defaults = c.defaults
		if err != nil {
			return fmt.Errorf("%w: %s: profile %q: %w", ErrCatalog, d.Name, p.ID, err)
		}
		for _, have := range c.Profiles {
			if have.ID == profile.ID {
				return fmt.Errorf("%w: %s: profile %q is already declared", ErrCatalog, d.Name, p.ID)
			}
		}
		c.Profiles = append(c.Profiles, profile)
	}
	return nil
}

// profile turns the YAML form into the pure form, needs in the order of the capability list.
func (p profileYAML) profile() (model.Profile, error) {
	out := model.Profile{
		ID: p.ID, Description: p.Description, ContextMin: p.Context,
		Residency: model.Residency(p.Residency), Providers: model.ProviderPolicy(p.Providers),
		Licences: p.Licences, Requires: p.Requires, Models: p.Models,
		SightWait: p.Sight.Wait, SightPictures: p.Sight.Pictures, SightSpacing: p.Sight.Spacing, SightWithin: p.Sight.Within,
	}
	for _, word := range p.Native {
		out.Needs = append(out.Needs, model.Need{Capability: model.Capability(word)})
	}
	words := make([]string, 0, len(p.Adapted))
	for word := range p.Adapted {
		words = append(words, word)
	}
	sort.Strings(words)
	for _, word := range words {
		out.Needs = append(out.Needs, model.Need{Capability: model.Capability(word), AdapterAllowed: true, Adapters: p.Adapted[word]})
	}
	return out, out.Validate()
}
