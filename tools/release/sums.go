package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What this program writes beside the files that it is about.
const (
	sumsFile       = "SHA256SUMS"
	provenanceFile = "provenance.json"
)

// subjects are the files of the release, by name, before write adds two.
func subjects(folder string) ([]Resource, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var out []Resource
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		sum, err := digest(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, err
		}
		out = append(out, Resource{Name: e.Name(), Digest: map[string]string{"sha256": sum}})
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
	if err := os.WriteFile(filepath.Join(folder, provenanceFile), text, 0o644); err != nil {
		return err
	}
	own := sha256.Sum256(text)
	files := append(slices.Clone(s.Subject), Resource{Name: provenanceFile, Digest: map[string]string{"sha256": hex.EncodeToString(own[:])}})
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "%s  %s\n", f.Digest["sha256"], f.Name)
	}
	return os.WriteFile(filepath.Join(folder, sumsFile), []byte(b.String()), 0o644)
}

// digest is the SHA-256 of a file, in hexadecimal digits.
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
