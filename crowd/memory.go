package crowd

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// Memory is what this process holds at one time, in megabytes of 10⁶ bytes. PSS counts a page that
// n processes share as an n-th of it.
type Memory struct {
	Stage  string  `json:"stage"`
	PSSMB  float64 `json:"pss_mb"`
	RSSMB  float64 `json:"rss_mb"`
	AnonMB float64 `json:"anonymous_mb"` // of the PSS: heaps and stacks, Go's and others'
	FileMB float64 `json:"file_mb"`      // of the PSS: programs, libraries, mapped models
	GoMB   float64 `json:"go_mb"`        // of the anonymous: what Go has from the system and did not give back
	HeapMB float64 `json:"go_heap_mb"`   // of that: live objects and what is not collected yet
	// Largest are the files, and the anonymous memory, that make up the most of the PSS.
	Largest []Mapping `json:"largest,omitempty"`
}

// Mapping is a file in memory, or what is in none.
type Mapping struct {
	Name  string  `json:"name"`
	PSSMB float64 `json:"pss_mb"`
}

// MemoryNow is the memory of this process after a collection: what waits to be collected says
// nothing about what is needed. It fails where the system has no /proc.
func MemoryNow(stage string) (Memory, error) {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	out := Memory{Stage: stage, GoMB: float64(m.Sys-m.HeapReleased) / 1e6, HeapMB: float64(m.HeapAlloc) / 1e6}
	err := readFile("/proc/self/smaps_rollup", func(r io.Reader) error { return out.rollup(r) })
	if err != nil {
		return out, fmt.Errorf("memory cannot be measured on this system: %w", err)
	}
	err = readFile("/proc/self/smaps", func(r io.Reader) (err error) { out.Largest, err = mappings(r, 8); return err })
	return out, err
}

func readFile(name string, read func(io.Reader) error) (err error) {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return read(f)
}

// rollup reads smaps_rollup.
func (m *Memory) rollup(r io.Reader) error {
	into := map[string]*float64{"Pss:": &m.PSSMB, "Rss:": &m.RSSMB, "Pss_Anon:": &m.AnonMB, "Pss_File:": &m.FileMB}
	found := 0
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		name, rest, _ := strings.Cut(lines.Text(), " ")
		if to := into[name]; to != nil {
			*to = kilobytes(rest)
			found++
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if found != len(into) {
		return fmt.Errorf("smaps_rollup has %d of %d lines", found, len(into))
	}
	return nil
}

// kilobytes reads "   123 kB" and returns megabytes.
func kilobytes(text string) float64 {
	n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 64)
	if err != nil {
		return 0
	}
	return n * 1024 / 1e6
}

// mappings adds smaps up by file and returns the most largest of them.
func mappings(r io.Reader, most int) ([]Mapping, error) {
	sums := map[string]float64{}
	name := ""
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) >= 5 && strings.Contains(fields[0], "-"):
			name = "anonymous"
			if len(fields) > 5 {
				name = path.Base(fields[5])
			}
		case len(fields) >= 2 && fields[0] == "Pss:":
			sums[name] += kilobytes(strings.Join(fields[1:], " "))
		}
	}
	out := make([]Mapping, 0, len(sums))
	for name, mb := range sums {
		out = append(out, Mapping{name, mb})
	}
	slices.SortFunc(out, func(a, b Mapping) int { return cmp.Or(cmp.Compare(b.PSSMB, a.PSSMB), cmp.Compare(a.Name, b.Name)) })
	return out[:min(most, len(out))], lines.Err()
}
