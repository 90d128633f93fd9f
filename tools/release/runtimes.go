package main

import (
	"fmt"
	"os"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/goccy/go-yaml"
)

// loadedLater are the inference libraries of the catalog: the program opens one when it needs it,
// if somebody has pulled it.
func loadedLater(catalog string) ([]cyclonedx.Component, error) {
	text, err := os.ReadFile(catalog)
	if err != nil {
		return nil, err
	}
	type source struct {
		PyPI *struct {
			Name    string `yaml:"name"`
			Version string `yaml:"version"`
		} `yaml:"pypi"`
	}
	var list struct {
		Models []struct {
			ID      string   `yaml:"id"`
			Kind    string   `yaml:"kind"`
			Licence string   `yaml:"licence"`
			Sources []source `yaml:"sources"`
			Files   []struct {
				Sources []source `yaml:"sources"`
			} `yaml:"files"`
		} `yaml:"models"`
	}
	if err := yaml.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", catalog, err)
	}
	var out []cyclonedx.Component
	for _, m := range list.Models {
		if m.Kind != "runtime" {
			continue
		}
		sources := m.Sources
		for _, f := range m.Files {
			sources = append(sources, f.Sources...)
		}
		before := len(out)
		for _, s := range sources {
			if s.PyPI == nil {
				continue
			}
			c := component("pkg:pypi/"+escaped(s.PyPI.Name)+"@"+escaped(s.PyPI.Version), s.PyPI.Name, s.PyPI.Version)
			c.Scope, c.Description = cyclonedx.ScopeOptional, "loaded at run time where models pull has fetched "+m.ID+"; not in the archive"
			c.Licenses = &cyclonedx.Licenses{{Expression: m.Licence}}
			out = append(out, c)
		}
		if len(out) != before+1 {
			return nil, fmt.Errorf("%s: %s has %d packages, not one", catalog, m.ID, len(out)-before)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has no runtime", catalog)
	}
	return out, nil
}
