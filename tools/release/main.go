package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Statement is an in-toto statement.
type Statement struct {
	Type          string     `json:"_type"`
	Subject       []Resource `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     Provenance `json:"predicate"`
}

// Resource is something with a digest.
type Resource struct {
	Name   string            `json:"name,omitempty"`
	URI    string            `json:"uri,omitempty"`
	Digest map[string]string `json:"digest"`
}

// Provenance is the predicate of SLSA v1.
type Provenance struct {
	BuildDefinition struct {
		BuildType            string            `json:"buildType"`
		ExternalParameters   map[string]string `json:"externalParameters"`
		ResolvedDependencies []Resource        `json:"resolvedDependencies"`
	} `json:"buildDefinition"`
	RunDetails struct {
		Builder struct {
			ID      string            `json:"id"`
			Version map[string]string `json:"version,omitempty"`
		} `json:"builder"`
	} `json:"runDetails"`
}

func main() {
	if err := run(os.Args[1:], os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// run reads the build's Debian packages from standard input, "name version" a line.
func run(args []string, packages io.Reader) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	folder := flags.String("dist", "", "folder of the release's files")
	release := flags.String("version", "", "its version")
	commit := flags.String("commit", "", "the commit that it was built from")
	compiler := flags.String("go", "", "the version of Go")
	sums := flags.String("sum", "", "go.sum")
	if err := flags.Parse(args); err != nil {
		return err
	}
	files, err := subjects(*folder)
	if err != nil {
		return err
	}
	s := Statement{Type: "https://in-toto.io/Statement/v1", PredicateType: "https://slsa.dev/provenance/v1", Subject: files}
	b := &s.Predicate.BuildDefinition
	b.BuildType = "scripts/release"
	b.ExternalParameters = map[string]string{"version": *release}
	b.ResolvedDependencies = []Resource{{URI: "git+https://github.com/sensory-agent/sensory-agent", Digest: map[string]string{"gitCommit": *commit}}}
	modules, err := digest(*sums)
	if err != nil {
		return err
	}
	b.ResolvedDependencies = append(b.ResolvedDependencies, Resource{Name: "go.sum", Digest: map[string]string{"sha256": modules}})
	s.Predicate.RunDetails.Builder.ID = "scripts/release"
	s.Predicate.RunDetails.Builder.Version = map[string]string{"go": *compiler}
	list, err := io.ReadAll(io.LimitReader(packages, 1<<20))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(list)) {
		if name, version, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			s.Predicate.RunDetails.Builder.Version["debian:"+name] = version
		}
	}
	return write(*folder, s)
}

// subjects are the files of the release, by name.
func subjects(folder string) ([]Resource, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var out []Resource
	for _, e := range entries {
		if e.IsDir() || slices.Contains([]string{"SHA256SUMS", "provenance.json"}, e.Name()) {
			continue
		}
		sum, err := digest(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, err
		}
		out = append(out, Resource{Name: e.Name(), Digest: map[string]string{"sha256": sum}})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no files", folder)
	}
	return out, nil
}

// write writes both files, the sums last: they are of the statement, too.
func write(folder string, s Statement) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if err := os.WriteFile(filepath.Join(folder, "provenance.json"), text, 0o644); err != nil {
		return err
	}
	own := sha256.Sum256(text)
	files := append(slices.Clone(s.Subject), Resource{Name: "provenance.json", Digest: map[string]string{"sha256": hex.EncodeToString(own[:])}})
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "%s  %s\n", f.Digest["sha256"], f.Name)
	}
	return os.WriteFile(filepath.Join(folder, "SHA256SUMS"), []byte(b.String()), 0o644)
}

func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
