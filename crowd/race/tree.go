package race

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// tick is what /proc counts processor time in: 1/100 s on every Linux of today (USER_HZ).
const tick = 0.01

// usage is what processes have used, and hold.
type usage struct {
	Processes int
	Seconds   float64 // of processors, that of their children that have ended included
	PSSMB     float64 // megabytes of 10⁶ bytes; a page that n processes share counts as an n-th of it
}

// process is one line of /proc/PID/stat.
type process struct {
	pid, parent int
	ticks       float64
}

// parseStat reads such a line. The name of the program, in brackets, may hold anything.
func parseStat(line []byte) (process, error) {
	open, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 1 || end < open {
		return process{}, fmt.Errorf("%w: /proc: %.80q", errors.ErrUnsupported, line)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(line[:open])))
	if err != nil {
		return process{}, fmt.Errorf("%w: /proc: %.80q", errors.ErrUnsupported, line)
	}
	rest := strings.Fields(string(line[end+1:])) // from the state on, the third field
	if len(rest) < 15 {
		return process{}, fmt.Errorf("%w: /proc: %.80q", errors.ErrUnsupported, line)
	}
	p := process{pid: pid}
	if p.parent, err = strconv.Atoi(rest[1]); err != nil {
		return process{}, fmt.Errorf("%w: /proc: %.80q", errors.ErrUnsupported, line)
	}
	for _, f := range rest[11:15] { // utime, stime, cutime, cstime
		n, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return process{}, fmt.Errorf("%w: /proc: %.80q", errors.ErrUnsupported, line)
		}
		p.ticks += n
	}
	return p, nil
}

// family are a process and all that it and those have started, of all that run.
func family(root int, all []process) []process {
	var out []process
	known := map[int]bool{root: true}
	for again := true; again; { // a child may stand before its parent
		again = false
		for _, p := range all {
			if p.pid == root || known[p.parent] {
				if !slices.ContainsFunc(out, func(o process) bool { return o.pid == p.pid }) {
					out, known[p.pid], again = append(out, p), true, true
				}
			}
		}
	}
	return out
}

// used is what a process and all that it started have used so far. With memory it takes longer.
func used(root int, memory bool) (u usage, err error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		return u, fmt.Errorf("%w: no /proc", errors.ErrUnsupported)
	}
	var all []process
	for _, path := range stats {
		line, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		p, err := parseStat(line)
		if err != nil {
			return u, err
		}
		all = append(all, p)
	}
	for _, p := range family(root, all) {
		u.Processes++
		u.Seconds += p.ticks * tick
		if !memory {
			continue
		}
		mb, err := pss(p.pid)
		if err != nil {
			return u, err
		}
		u.PSSMB += mb
	}
	return u, nil
}

// pss is what one process holds; nothing where it has ended.
func pss(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return parsePSS(string(text))
}

// parsePSS reads smaps_rollup.
func parsePSS(text string) (float64, error) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			if err != nil {
				break
			}
			return kb * 1024 / 1e6, nil
		}
	}
	return 0, fmt.Errorf("%w: smaps_rollup has no line of the PSS", errors.ErrUnsupported)
}
