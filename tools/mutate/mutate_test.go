package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const code = `package p

import "errors"

func Cut(text string, n int) (string, error) {
	if n < 0 {
		return "", errors.New("negative")
	}
	if n > len(text) {
		n = len(text)
	}
	return text[:n], nil
}

func Sum(values []int, skip int) (s int) {
	for _, v := range values {
		if v == skip && v != 0 {
			continue
		}
		s = s + v
	}
	note(&s)
	return s
}

func note(s *int) { *s += 2 }
`

// The tests of p see everything but the edge of Cut's guard and that n may exceed the length.
const tests = `package p

import "testing"

func TestCut(t *testing.T) {
	if s, err := Cut("abc", 2); s != "ab" || err != nil {
		t.Fatal(s, err)
	}
	if _, err := Cut("abc", -1); err == nil {
		t.Fatal("negative length taken")
	}
}

func TestSum(t *testing.T) {
	if s := Sum([]int{1, 5, 2, 0}, 5); s != 5 {
		t.Fatal(s)
	}
}
`

func TestFindNamesEveryKindOfChange(t *testing.T) {
	changes, err := find("p.go", []byte(code))
	if err != nil {
		t.Fatal(err)
	}
	got := map[kind]int{}
	for _, c := range changes {
		got[c.Kind]++
		if out := string(c.apply([]byte(code))); out == code {
			t.Errorf("%+v changes nothing", c)
		}
	}
	for k, want := range map[kind]int{negated: 4, edge: 2, logical: 1, sum: 1, errorNil: 1, dropped: 1, jump: 1, guard: 2, number: 3} {
		if got[k] != want {
			t.Errorf("%d changes of kind %s, want %d", got[k], k, want)
		}
	}
}

func TestScoreSaysWhatTheTestsMiss(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/p\n\ngo 1.26\n", "p.go": code, "p_test.go": tests} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := &runner{root: dir, limit: 20 * time.Second, temp: t.TempDir()}
	packages, err := r.list(context.Background(), []string{"./..."})
	if err != nil || len(packages) != 1 {
		t.Fatal(packages, err)
	}
	var left []string
	s, err := r.sample(context.Background(), packages[0], 0, 1, func(c change, v verdict) {
		if v == survived {
			left = append(left, string(c.Kind)+" "+c.What)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	// Only what is said above survives: the two edges, the bound that no test exceeds (its
	// negation is seen), the zero that stands for any negative number, and v != 0.
	if s.EdgesKilled != 0 || s.EdgesLeft != 2 || s.Killed < 8 || s.Survived > 4 {
		t.Errorf("got %+v, left:\n%s", s, strings.Join(left, "\n"))
	}
	for _, want := range []string{"edge n < 0", "edge n > len(text)"} {
		if !strings.Contains(strings.Join(left, "\n"), want) {
			t.Errorf("%q is not among what survived:\n%s", want, strings.Join(left, "\n"))
		}
	}
}

func TestBaselineMustPass(t *testing.T) {
	dir := t.TempDir()
	broken := strings.Replace(tests, `s != "ab"`, `s != "abc"`, 1)
	for name, text := range map[string]string{"go.mod": "module example.com/p\n\ngo 1.26\n", "p.go": code, "p_test.go": broken} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := &runner{root: dir, limit: 20 * time.Second, temp: t.TempDir()}
	packages, err := r.list(context.Background(), []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.sample(context.Background(), packages[0], 0, 1, func(change, verdict) {}); err == nil || !strings.Contains(err.Error(), "nothing changed") {
		t.Errorf("got %v", err)
	}
}
