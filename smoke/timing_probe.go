package smoke

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
)

// probe sends the message, waits for what comes of it, and measures what it cost.
func (t *timing) probe(ctx context.Context, program *child) error {
	pid := program.cmd.Process.Pid
	idle, err := usage(pid)
	if err != nil {
		return err
	}
	if err := media.Sleep(ctx, idleFor); err != nil {
		return err
	}
	before, err := usage(pid)
	if err != nil {
		return err
	}
	made, err := generations(ctx, t.address)
	if err != nil {
		return fmt.Errorf("leases of the program: %w", err)
	}
	begin := time.Now()
	if err := t.send(ctx); err != nil {
		return err
	}
	t.Progress("what came of it is read")
	if err := t.collect(ctx); err != nil || !t.seen.Kept {
		return err
	}
	if err := media.Sleep(ctx, settleFor); err != nil {
		return err
	}
	after, err := usage(pid)
	if err != nil {
		return err
	}
	now, err := generations(ctx, t.address)
	if err != nil {
		return fmt.Errorf("leases of the program: %w", err)
	}
	storm := &Storm{Planned: t.Personas, Generations: now - made, CPUSeconds: (after - before).Seconds()}
	share := (before - idle).Seconds() / idleFor.Seconds()
	storm.CPUAllowed = float64(t.Personas)*t.CPUPerReply.Seconds() + 2*share*time.Since(begin).Seconds()
	if storm.Turns, err = t.turns(ctx); err != nil {
		return err
	}
	t.seen.Storm = storm
	return nil
}

// send sends the message once. That the command fails is an observation.
func (t *timing) send(ctx context.Context) error {
	t.Progress("a message is sent: " + t.marker)
	_, problem, err := output(ctx, t.Binary, "chat", "send", "--address", t.address, "--room", timingRoom, "--from", prober, "--key", t.marker, "--json",
		"what do you see? ("+t.marker+")")
	if err != nil && !exited(err) {
		return err
	}
	if err != nil {
		t.seen.Problem = problem
	}
	return context.Cause(ctx)
}

// collect waits until everybody's part is known, or it is too late, and notes it.
func (t *timing) collect(ctx context.Context) error {
	limit := time.Now().Add(t.Budgets.limit())
	for {
		messages, err := t.export(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(messages, func(m chatEntry) bool { return m.Key == t.marker })
		if t.seen.Kept = i >= 0; !t.seen.Kept {
			return nil
		}
		probe := messages[i]
		t.record.Message = probe.ID
		turn, err := t.turn(ctx, probe.ID)
		if err != nil {
			return err
		}
		if turn != nil { // the chat was read before the turn was over
			if messages, err = t.export(ctx); err != nil {
				return err
			}
		}
		t.observe(probe, messages, turn)
		if turn != nil && t.allHeard() || !time.Now().Before(limit) {
			return nil
		}
		if err := media.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

// observe notes what is known of everybody's part.
func (t *timing) observe(probe chatEntry, messages []chatEntry, turn *turnEntry) {
	t.seen.Answers, t.seen.Silences = nil, nil
	part := func(persona string) *Answer {
		i := slices.IndexFunc(t.seen.Answers, func(a Answer) bool { return a.Persona == persona })
		if i < 0 {
			t.seen.Answers = append(t.seen.Answers, Answer{Persona: persona})
			i = len(t.seen.Answers) - 1
		}
		return &t.seen.Answers[i]
	}
	for _, m := range messages {
		if m.Role == "persona" && m.ReplyTo == probe.ID {
			part(m.From).WrittenMS = m.At.Sub(probe.At).Milliseconds()
		}
	}
	if turn != nil {
		began := turn.Begin.Sub(probe.At).Milliseconds()
		for _, o := range turn.Outcomes {
			a := part(o.Persona)
			a.TextMS, a.Cut = max(1, began+o.Finish), o.Cut
		}
		t.seen.Silences = turn.Silences
		t.record.Fingerprint, t.record.Divergences = turn.Fingerprint, []string{}
		for _, d := range turn.Divergences {
			t.record.Divergences = append(t.record.Divergences, fmt.Sprintf("%s %s %s", d.Kind, d.Persona, d.Was))
		}
	}
	if t.heard != nil {
		for i := range t.seen.Answers {
			a := &t.seen.Answers[i]
			a.HeardMS = t.heard.after(a.Persona, probe.At)
		}
	}
}

// allHeard tells whether nobody is waited for any more.
func (t *timing) allHeard() bool {
	return t.heard == nil || !slices.ContainsFunc(t.seen.Answers, func(a Answer) bool { return a.HeardMS == 0 && a.Cut == "" })
}

// export reads the room's chat. What the command refuses is an observation.
func (t *timing) export(ctx context.Context) ([]chatEntry, error) {
	out, problem, err := output(ctx, t.Binary, "chat", "export", "--address", t.address, "--room", timingRoom)
	if err != nil && !exited(err) {
		return nil, err
	}
	if err != nil && t.seen.Problem == "" {
		t.seen.Problem = problem
	}
	return lines[chatEntry](out)
}

// turn is what came of the message; nil while that is not known.
func (t *timing) turn(ctx context.Context, message string) (*turnEntry, error) {
	out, problem, err := output(ctx, t.Binary, "chat", "turns", "--store", t.store, "--message", message, "--json")
	if err != nil {
		return nil, fmt.Errorf("chat turns: %w: %s", err, problem)
	}
	list, err := lines[turnEntry](out)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// turns is how many turns there were.
func (t *timing) turns(ctx context.Context) (int, error) {
	out, problem, err := output(ctx, t.Binary, "chat", "turns", "--store", t.store, "--room", timingRoom, "--json")
	if err != nil {
		return 0, fmt.Errorf("chat turns: %w: %s", err, problem)
	}
	list, err := lines[turnEntry](out)
	return len(list), err
}
