package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"
)

// locked is a package in a package-lock.json of version 3.
type locked struct {
	Version   string `json:"version"`
	Licence   string `json:"license"`
	Integrity string `json:"integrity"` // sha512- and base64, of the archive in the registry
	Dev       bool   `json:"dev"`
	Optional  bool   `json:"optional"`
	Peer      bool   `json:"peer"`
}

// pageComponents are the npm packages inside the page, which the program embeds: those whose
// licences web/pack.mjs packs with it.
func pageComponents(lockfile string) ([]cyclonedx.Component, error) {
	text, err := os.ReadFile(lockfile)
	if err != nil {
		return nil, err
	}
	var lock struct {
		Version  int               `json:"lockfileVersion"`
		Packages map[string]locked `json:"packages"`
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, fmt.Errorf("%s: %w", lockfile, err)
	}
	if lock.Version != 3 {
		return nil, fmt.Errorf("%s has version %d, not 3", lockfile, lock.Version)
	}
	found := map[string]cyclonedx.Component{} // two places may hold the same version
	for place, p := range lock.Packages {
		if place == "" || p.Dev || p.Optional || p.Peer {
			continue
		}
		c, err := npm(place, p)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", lockfile, place, err)
		}
		found[c.BOMRef] = c
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no packages", lockfile)
	}
	var out []cyclonedx.Component
	for _, c := range found {
		out = append(out, c)
	}
	return out, nil
}

// npm is a package by its place below the page's folder, node_modules/a/node_modules/@b/c.
func npm(place string, p locked) (cyclonedx.Component, error) {
	full := place[strings.LastIndex(place, "node_modules/")+len("node_modules/"):]
	scope, name, scoped := strings.Cut(full, "/")
	if !scoped {
		scope, name = "", full
	}
	address := "pkg:npm/"
	if scoped {
		address += escaped(scope) + "/"
	}
	c := component(address+escaped(name)+"@"+escaped(p.Version), name, p.Version)
	c.Group, c.Description = scope, "inside the page that the program embeds"
	if p.Licence == "" || p.Version == "" {
		return c, errors.New("no licence or no version")
	}
	c.Licenses = &cyclonedx.Licenses{{Expression: p.Licence}}
	encoded, ok := strings.CutPrefix(p.Integrity, "sha512-")
	sum, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil {
		return c, fmt.Errorf("%q is no SHA-512", p.Integrity)
	}
	c.Hashes = &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA512, Value: hex.EncodeToString(sum)}}
	return c, nil
}
