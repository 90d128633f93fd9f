package memory

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// What an export is called and which version this program writes and reads.
const (
	ExportSchema  = "sensory-agent.memory"
	ExportVersion = 1
)

// Bounds of an export.
const (
	MaxExported   = 65_536  // memories
	maxExportLine = 8 << 10 // bytes: a memory with every field at its bound and every character escaped
)

// header is the first line of an export.
type header struct {
	Schema  string `json:"schema"`
	Version int    `json:"version"`
	Count   int    `json:"count"`
}

// Export writes memories as JSON lines: a header, then a memory a line.
func Export(w io.Writer, memories []Memory) error {
	if len(memories) > MaxExported {
		return fmt.Errorf("%w: %d, at most %d are exported", ErrBudget, len(memories), MaxExported)
	}
	buffered := bufio.NewWriter(w)
	lines := json.NewEncoder(buffered)
	if err := lines.Encode(header{ExportSchema, ExportVersion, len(memories)}); err != nil {
		return fmt.Errorf("write an export: %w", err)
	}
	for i := range memories {
		if err := lines.Encode(&memories[i]); err != nil {
			return fmt.Errorf("write an export: %w", err)
		}
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write an export: %w", err)
	}
	return nil
}

// Import reads an export, all of it or nothing. What reads like an instruction or holds a secret is
// quarantined whatever the file says of it, for a file can be edited. Errors: [*VersionError],
// [*LineError] with [ErrExport] or [ErrInvalid], what reading said.
func Import(r io.Reader) ([]Memory, error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, maxExportLine), maxExportLine)
	if !in.Scan() {
		return nil, unreadable(in.Err(), 1)
	}
	var head header
	if err := strict(in.Bytes(), &head); err != nil || head.Schema != ExportSchema {
		return nil, &LineError{Line: 1, Err: fmt.Errorf("%w: no header of %q", ErrExport, ExportSchema)}
	}
	if head.Version != ExportVersion {
		return nil, &VersionError{Got: head.Version, Want: ExportVersion}
	}
	if head.Count < 0 || head.Count > MaxExported {
		return nil, &LineError{Line: 1, Err: fmt.Errorf("%w: %d memories, at most %d", ErrExport, head.Count, MaxExported)}
	}
	var out []Memory
	seen := map[string]bool{}
	for in.Scan() {
		m, err := imported(in.Bytes())
		switch {
		case err != nil:
		case seen[m.ID]:
			err = fmt.Errorf("%w: a memory twice", ErrExport)
		case len(out) == head.Count:
			err = fmt.Errorf("%w: more memories than its header says", ErrExport)
		}
		if err != nil {
			return nil, &LineError{Line: len(out) + 2, Err: err}
		}
		seen[m.ID] = true
		out = append(out, m)
	}
	if err := in.Err(); err != nil {
		return nil, unreadable(err, len(out)+2)
	}
	if len(out) < head.Count {
		return nil, &LineError{Line: len(out) + 2, Err: fmt.Errorf("%w: it ends after %d of %d memories", ErrExport, len(out), head.Count)}
	}
	return out, nil
}

// unreadable types what a scanner said; nil is an empty file.
func unreadable(err error, line int) error {
	switch {
	case err == nil:
		return &LineError{Line: line, Err: fmt.Errorf("%w: it is empty", ErrExport)}
	case errors.Is(err, bufio.ErrTooLong):
		return &LineError{Line: line, Err: fmt.Errorf("%w: a line of more than %d bytes", ErrExport, maxExportLine)}
	}
	return fmt.Errorf("read an export: %w", err)
}

// imported reads one memory.
func imported(data []byte) (Memory, error) {
	var m Memory
	if err := strict(data, &m); err != nil {
		return m, fmt.Errorf("%w: no memory", ErrExport)
	}
	return Imported(m)
}

// Imported is a memory of somebody else's as it is taken in: its times are rounded, what is wrong
// with it is [ErrInvalid], and one that reads like an instruction or holds a secret is quarantined,
// whatever it says of itself.
func Imported(m Memory) (Memory, error) {
	m.Created, m.Updated = milli(m.Created), milli(m.Updated)
	if !m.Expires.IsZero() {
		m.Expires = milli(m.Expires)
	}
	if !m.Ended.IsZero() {
		m.Ended = milli(m.Ended)
	}
	if err := m.Check(); err != nil {
		return m, err
	}
	return Recheck(m), nil
}

// strict reads one JSON object without unknown keys.
func strict(data []byte, into any) error {
	if !utf8.Valid(data) {
		return ErrExport
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err // the caller says what it is
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return ErrExport
	}
	return nil
}

// Recheck quarantines an active memory whose text the gate would quarantine today. One that stays
// keeps its standing.
func Recheck(m Memory) Memory {
	n := names{persona: Person{ID: m.Persona}}
	persona := m.Subject == SubjectPersona || n.about(m.Text).subject == SubjectPersona
	if m.Status != Quarantined && (persona || overriding(m.Text) || commanding(m.Text, n, m.Trust) || secret(m.Text)) {
		m.Status, m.Reason, m.Ended, m.SupersededBy = Quarantined, ReasonRechecked, Memory{}.Ended, ""
		m.Trust = min(m.Trust, Known)
	}
	return m
}

// Sorted are memories in the order in which they are written and listed.
func Sorted(memories []Memory) []Memory { return slices.SortedFunc(slices.Values(memories), inOrder) }
