package gpu

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Status is how a check ended.
type Status string

// The statuses.
const (
	Pass    Status = "pass"
	Fail    Status = "fail"
	Skipped Status = "skipped" // why is said, always
)

// rehearsed is what the names of verdicts begin with that were not given on a card.
const rehearsed = "rehearsal/"

// Verdict is what came of one check.
type Verdict struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	// Why is one line for people: what was seen, or what went wrong.
	Why     string             `json:"why"`
	Seconds float64            `json:"seconds"` // that the step took, in whole
	Figures map[string]float64 `json:"figures,omitempty"`
}

// passed, failed and skipped are verdicts of a step.
func passed(name, format string, args ...any) Verdict {
	return Verdict{Name: name, Status: Pass, Why: fmt.Sprintf(format, args...)}
}

func failed(name string, err error) Verdict {
	return Verdict{Name: name, Status: Fail, Why: err.Error()}
}

func skipped(name, why string) Verdict { return Verdict{Name: name, Status: Skipped, Why: why} }

// String is the verdict as a line: status, name, seconds, why.
func (v Verdict) String() string {
	return fmt.Sprintf("%-7s %s (%.1f s): %s", v.Status, v.Name, v.Seconds, oneLine(v.Why))
}

// oneLine takes line breaks and what else has no place in a line out of a text.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// nameForm is a name of a verdict.
var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9/_-]*$`)

// check refuses what no step may say. Errors: ErrVerdict.
func (v Verdict) check() error {
	switch v.Status {
	case Pass, Fail, Skipped:
	default:
		return fmt.Errorf("%w: status %q", ErrVerdict, v.Status)
	}
	switch {
	case !nameForm.MatchString(v.Name):
		return fmt.Errorf("%w: name %q", ErrVerdict, v.Name)
	case oneLine(v.Why) == "":
		return fmt.Errorf("%w: %s of %s without a reason", ErrVerdict, v.Status, v.Name)
	}
	return nil
}

// longestLine bounds a verdict as a step writes it, in bytes.
const longestLine = 1 << 16

// ReadVerdicts reads verdicts as steps write them, a line of JSON each. What was read before an
// error is returned with it. Errors: ErrVerdict, those of the reader.
func ReadVerdicts(r io.Reader) (all []Verdict, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var v Verdict
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return all, fmt.Errorf("%w: %.80q: %w", ErrVerdict, lines.Text(), err)
		}
		if err := v.check(); err != nil {
			return all, err
		}
		all = append(all, v)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return all, fmt.Errorf("%w: a line of more than %d bytes", ErrVerdict, longestLine)
	} else if err != nil {
		return all, err
	}
	return all, nil
}

// Exit codes of [Main].
const (
	exitOK     = 0 // on a card: something passed, nothing failed
	exitFailed = 1
	exitUsage  = 2
	exitNoCard = 3 // nothing was run on a card: there is none, or it was a rehearsal
)

// exitCode is what verdicts end the program with. A rehearsal is never a success of a card.
func exitCode(all []Verdict, rehearsal bool) int {
	count := map[Status]int{}
	for _, v := range all {
		count[v.Status]++
	}
	switch {
	case count[Fail] > 0 || count[Pass] == 0:
		return exitFailed
	case rehearsal:
		return exitNoCard
	}
	return exitOK
}
