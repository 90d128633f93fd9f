package models

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// check validates the merged catalog: the first fault is returned with document, model and field.
func (c *Catalog) check() error {
	for i := range c.Entries {
		e := &c.Entries[i]
		if err := e.check(); err != nil {
			return fmt.Errorf("%w: %s: model %q: %w", ErrCatalog, e.Origin, e.ID, err)
		}
	}
	if err := c.checkProviders(); err != nil {
		return err
	}
	for name, ids := range c.Sets {
		for _, id := range ids {
			if _, err := c.Entry(id); err != nil {
				return fmt.Errorf("%w: set %q: %w", ErrCatalog, name, err)
			}
		}
		if _, err := c.Entry(name); err == nil {
			return fmt.Errorf("%w: %q is both a model and a set", ErrCatalog, name)
		}
	}
	for _, p := range c.Profiles {
		for _, id := range p.Names() {
			if _, err := c.Entry(id); err != nil {
				return fmt.Errorf("%w: profile %q: %w", ErrCatalog, p.ID, err)
			}
		}
	}
	return nil
}

// validID holds for ids that are one safe path element.
func validID(id string) bool {
	if id == "" || len(id) > 100 || strings.HasPrefix(id, ".") {
		return false
	}
	for _, r := range id {
		ok := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)
		if !ok {
			return false
		}
	}
	return true
}

func (e *Entry) check() error {
	if !validID(e.ID) {
		return fmt.Errorf("id: %q: letters, digits, '.', '_' and '-' only, not starting with '.'", e.ID)
	}
	if !model.Kind(e.Kind).Valid() {
		return fmt.Errorf("kind: %q is not one of %s", e.Kind, strings.Join(model.KindNames(), ", "))
	}
	for _, w := range e.Capabilities {
		if _, err := model.ParseCapability(w); err != nil {
			return fmt.Errorf("capabilities: %w", err)
		}
	}
	if e.Licence == "" {
		return errors.New("licence: missing")
	}
	if e.Kind == string(model.KindRuntime) && e.Provides == "" {
		return errors.New("provides: missing for a runtime")
	}
	if e.Sound && (e.Kind != string(model.KindModel) || e.Remote != nil) {
		return errors.New("sound: only a model that runs here is given sound")
	}
	if e.Variant != "" && (e.Kind != string(model.KindModel) || e.Remote != nil || !strings.HasPrefix(e.Variant, "_") || !packageWord(e.Variant, "")) {
		return fmt.Errorf("variant: %q is not the suffix of a graph file of a model that runs here", e.Variant)
	}
	if e.Pictures < 0 || e.Pictures > model.MaxPictures || e.Pictures > 0 && (e.Kind != string(model.KindModel) || !slices.Contains(e.Capabilities, string(model.Vision))) {
		return fmt.Errorf("pictures: %d is none of 1 to %d of a model with vision", e.Pictures, model.MaxPictures)
	}
	if e.Context < 0 || e.MemoryMB < 0 || e.MemoryMB > 1<<30 {
		return errors.New("context, memory_mb: out of range")
	}
	if e.Remote != nil {
		if err := e.checkRemote(); err != nil {
			return err
		}
		return e.checkAnswer()
	}
	if err := e.checkAnswer(); err != nil {
		return err
	}
	if len(e.Files) == 0 && !e.Embedded && e.Folder == "" {
		return errors.New("files: missing")
	}
	for _, s := range e.Sources {
		if err := s.check(); err != nil {
			return fmt.Errorf("sources: %w", err)
		}
	}
	return e.checkFiles()
}

func (e *Entry) checkFiles() error {
	seen := map[string]bool{}
	for _, f := range e.Files {
		key := strings.ToLower(f.Path)
		switch {
		case !safePath(f.Path):
			return fmt.Errorf("files: %w: %q", ErrUnsafePath, f.Path)
		case seen[key]:
			return fmt.Errorf("files: %q appears twice", f.Path)
		case f.Size < 0 || f.About < 0:
			return fmt.Errorf("files: %s: negative size", f.Path)
		case f.SHA256 != "" && !hexDigest(f.SHA256, 32):
			return fmt.Errorf("files: %s: sha256 is not 64 lower-case hex digits", f.Path)
		}
		seen[key] = true
		for _, s := range f.Sources {
			if err := s.check(); err != nil {
				return fmt.Errorf("files: %s: %w", f.Path, err)
			}
		}
	}
	for _, o := range e.Outputs {
		if !safePath(o) || seen[strings.ToLower(o)] {
			return fmt.Errorf("outputs: %w: %q", ErrUnsafePath, o)
		}
	}
	return nil
}

// hexDigest holds for lower-case hex of n bytes.
func hexDigest(s string, n int) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == n && strings.ToLower(s) == s
}

// safePath holds for clean relative slash paths without hidden elements, so that no file leaves its
// model's folder and none collides with the store's own files.
func safePath(p string) bool {
	if p == "" || len(p) > 300 || path.Clean(p) != p || path.IsAbs(p) || strings.ContainsAny(p, "\\:\x00") || p == lockName {
		return false
	}
	for _, part := range strings.Split(p, "/") {
		if strings.HasPrefix(part, ".") {
			return false
		}
	}
	return true
}

func (s Source) check() error {
	kinds := 0
	for _, set := range []bool{s.HuggingFace != nil, s.URL != "", s.PyPI != nil, s.NPM != nil, s.File != ""} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		return errors.New("a source has exactly one of huggingface, url, pypi, npm, file")
	}
	switch {
	case s.HuggingFace != nil:
		h := s.HuggingFace
		if strings.Count(h.Repo, "/") != 1 || h.Revision == "" || h.Path == "" || strings.Contains(h.Repo+h.Revision+h.Path, "..") {
			return errors.New("huggingface: repo (owner/name), revision and path are required")
		}
	case s.URL != "":
		u, err := url.Parse(s.URL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return fmt.Errorf("url: %q is not an http or https address", s.URL)
		}
	case s.PyPI != nil:
		return s.PyPI.check("pypi")
	case s.NPM != nil:
		return s.NPM.check("npm")
	}
	return nil
}

// packageWord holds for names and versions that a package client cannot read as an option or an
// address.
func packageWord(s string, extra string) bool {
	if s == "" || len(s) > 200 || s[0] == '-' {
		return false
	}
	for _, r := range s {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-+"+extra, r) {
			continue
		}
		return false
	}
	return true
}

func (p *Package) check(kind string) error {
	extra := ""
	if kind == "npm" {
		extra = "@/"
	}
	if !packageWord(p.Name, extra) || !packageWord(p.Version, "") {
		return fmt.Errorf("%s: name and exact version are required", kind)
	}
	if (p.Member == "") == (len(p.Members) == 0) {
		return fmt.Errorf("%s: one of member and members is required", kind)
	}
	if p.Python != "" && !packageWord(p.Python, "") {
		return fmt.Errorf("%s: python: %q", kind, p.Python)
	}
	for _, tag := range p.Platforms {
		if !packageWord(tag, "") {
			return fmt.Errorf("%s: platforms: %q", kind, tag)
		}
	}
	return nil
}

// members returns the paths inside the archive that make the file, in order.
func (p *Package) members() []string {
	if p.Member != "" {
		return []string{p.Member}
	}
	return slices.Clone(p.Members)
}

// fill replaces "{path}" in a source by a file's path.
func (s Source) fill(file string) Source {
	put := func(t string) string { return strings.ReplaceAll(t, "{path}", file) }
	if s.HuggingFace != nil {
		h := *s.HuggingFace
		h.Path = put(h.Path)
		s.HuggingFace = &h
	}
	s.URL, s.File = put(s.URL), put(s.File)
	for _, p := range []**Package{&s.PyPI, &s.NPM} {
		if *p != nil {
			c := **p
			c.Member = put(c.Member)
			*p = &c
		}
	}
	return s
}

// String describes the source in words, for progress lines and errors.
func (s Source) String() string {
	switch {
	case s.HuggingFace != nil:
		return fmt.Sprintf("huggingface %s@%s %s", s.HuggingFace.Repo, s.HuggingFace.Revision, s.HuggingFace.Path)
	case s.URL != "":
		return "url " + s.URL
	case s.PyPI != nil:
		return fmt.Sprintf("pypi %s==%s", s.PyPI.Name, s.PyPI.Version)
	case s.NPM != nil:
		return fmt.Sprintf("npm %s@%s", s.NPM.Name, s.NPM.Version)
	}
	return "file " + s.File
}
