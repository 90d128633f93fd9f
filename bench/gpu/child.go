package gpu

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// step runs a step in a process of its own and returns a verdict for each thing that it is about,
// whatever becomes of it.
func (c *check) step(ctx context.Context, one step) []Verdict {
	start := time.Now()
	if ctx.Err() != nil {
		return settle(one, nil, fmt.Errorf("%w: no time was left for it", context.DeadlineExceeded), 0)
	}
	told, err := json.Marshal(c.settings)
	if err != nil {
		return settle(one, nil, err, 0)
	}
	ctx, cancel := context.WithTimeout(ctx, c.allowed(one))
	defer cancel()
	var out, said bytes.Buffer
	run := exec.CommandContext(ctx, c.self, "step", one.name, string(told))
	run.Stdout, run.Stderr = &out, &said
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the program of the smoke starts others
	run.Cancel = func() error { return syscall.Kill(-run.Process.Pid, syscall.SIGKILL) }
	run.WaitDelay = 5 * time.Second
	err = run.Run()
	if ctx.Err() != nil {
		err = fmt.Errorf("%w after %s", ctx.Err(), time.Since(start).Round(time.Second))
	}
	verdicts, broken := ReadVerdicts(&out)
	if err != nil {
		err = fmt.Errorf("the step ended early: %w: %s", err, oneLine(tail(said.String())))
	}
	return settle(one, verdicts, errors.Join(err, broken), time.Since(start))
}

// settle makes one verdict of each name that a step gives, in order: what it said, or that it said
// nothing. What it said of other things is a fault of the step.
func settle(one step, said []Verdict, err error, took time.Duration) []Verdict {
	var all []Verdict
	for _, v := range said {
		if !slices.Contains(one.gives, v.Name) || slices.ContainsFunc(all, func(a Verdict) bool { return a.Name == v.Name }) {
			err = errors.Join(err, fmt.Errorf("%w: step %s gave one on %q", ErrVerdict, one.name, v.Name))
			continue
		}
		all = append(all, v)
	}
	silent := err
	if silent == nil {
		silent = fmt.Errorf("%w: step %s said nothing", ErrVerdict, one.name)
	}
	ordered := make([]Verdict, 0, len(one.gives))
	for _, name := range one.gives {
		i := slices.IndexFunc(all, func(v Verdict) bool { return v.Name == name })
		if i >= 0 {
			ordered = append(ordered, all[i])
			continue
		}
		v := failed(name, silent)
		v.Seconds = took.Seconds()
		ordered = append(ordered, v)
	}
	if err != nil && len(all) == len(one.gives) { // it said everything, and then failed
		last := &ordered[len(ordered)-1]
		last.Status, last.Why = Fail, last.Why+"; then: "+err.Error()
	}
	return ordered
}

// patience is how many times longer a rehearsal's steps may take: its processors are few, and may
// be busy with other things.
const patience = 10

// allowed is what a step may take.
func (c *check) allowed(one step) time.Duration {
	if c.Rehearse {
		return patience * one.limit
	}
	return one.limit
}
