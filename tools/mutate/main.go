package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// score counts verdicts of one package.
type score struct {
	Package     string  `json:"package"`
	Possible    int     `json:"possible"` // changes that could be made
	Killed      int     `json:"killed"`
	Survived    int     `json:"survived"`
	EdgesKilled int     `json:"edges_killed"`
	EdgesLeft   int     `json:"edges_survived"`
	Unbuilt     int     `json:"unbuilt"`
	Share       float64 `json:"share"` // killed of killed and survived, edges left out
}

func (s *score) add(c change, v verdict) {
	switch {
	case v == unbuilt:
		s.Unbuilt++
	case c.Kind == edge && v == killed:
		s.EdgesKilled++
	case c.Kind == edge:
		s.EdgesLeft++
	case v == killed:
		s.Killed++
	default:
		s.Survived++
	}
	if n := s.Killed + s.Survived; n > 0 {
		s.Share = float64(s.Killed) / float64(n)
	}
}

func (s *score) judged() int { return s.Killed + s.Survived + s.EdgesKilled + s.EdgesLeft }

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	n := flags.Int("n", 40, "changes to judge in each package; 0 judges all")
	seed := flags.Uint64("seed", 1, "of the sample: the same seed draws the same changes of the same code")
	limit := flags.Duration("timeout", 2*time.Minute, "for the tests of a package; no end in time counts as killed")
	extra := flags.String("args", "", "more arguments of go test, for example: -run TestPlan")
	asJSON := flags.Bool("json", false, "print the scores as JSON, without the lines")
	all := flags.Bool("v", false, "print killed changes too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	r := &runner{root: root, limit: *limit, args: strings.Fields(*extra), temp: temp}
	packages, err := r.list(ctx, flags.Args())
	if err != nil {
		return err
	}
	var scores []score
	for _, p := range packages {
		line := func(c change, v verdict) {
			if *asJSON || v != survived && !*all {
				return
			}
			rel, _ := filepath.Rel(root, c.File)
			fmt.Fprintf(out, "%-8s %s:%d %s: %s\n", v, rel, c.Line, c.Kind, c.What)
		}
		s, err := r.sample(ctx, p, *n, *seed, line)
		if err != nil {
			return err
		}
		scores = append(scores, s)
	}
	return report(out, scores, *asJSON)
}

// sample judges n changes of a package that compile, drawn by seed.
func (r *runner) sample(ctx context.Context, p pkg, n int, seed uint64, line func(change, verdict)) (score, error) {
	s := score{Package: p.ImportPath}
	changes, err := p.changes()
	if err != nil || len(changes) == 0 {
		return s, err
	}
	s.Possible = len(changes)
	if err := r.baseline(ctx, p); err != nil {
		return s, err
	}
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
	for _, c := range changes {
		if n > 0 && s.judged() >= n {
			break
		}
		v, err := r.judge(ctx, p, c)
		if err != nil {
			return s, err
		}
		s.add(c, v)
		line(c, v)
	}
	return s, nil
}

func report(out io.Writer, scores []score, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(scores)
	}
	total := score{Package: "all"}
	fmt.Fprintf(out, "%-70s %8s %8s %8s %8s %6s\n", "package", "possible", "killed", "survived", "edges", "share")
	for _, s := range scores {
		row(out, s)
		total.Possible += s.Possible
		total.Killed += s.Killed
		total.Survived += s.Survived
		total.EdgesKilled += s.EdgesKilled
		total.EdgesLeft += s.EdgesLeft
	}
	if n := total.Killed + total.Survived; n > 0 {
		total.Share = float64(total.Killed) / float64(n)
	}
	row(out, total)
	return nil
}

func row(out io.Writer, s score) {
	fmt.Fprintf(out, "%-70s %8d %8d %8d %4d/%3d %5.1f%%\n",
		s.Package, s.Possible, s.Killed, s.Survived, s.EdgesKilled, s.EdgesKilled+s.EdgesLeft, 100*s.Share)
}

// moduleRoot is the folder of the main module: the one above tools, or the one the program was
// started in.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if filepath.Base(dir) == "tools" {
		dir = filepath.Dir(dir)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		return "", fmt.Errorf("start it in the folder tools: %w", err)
	}
	return dir, nil
}
