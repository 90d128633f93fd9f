package hearing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// Costs in media time, as in package installed; the TurnDetector's is that of its benchmark.
const (
	judgeCost = 45 * time.Millisecond
	textCost  = 280 * time.Millisecond
	idleCost  = 154 * time.Millisecond // of an idle machine
	// An interim transcript takes 100 ms, if the machine is busy.
	glimpseCost = 100 * time.Millisecond
	idleGlimpse = 30 * time.Millisecond
)

// way is a way to find the end of turns.
type way struct {
	name  string
	cfg   hearing.EndpointConfig
	text  bool // transcripts count
	judge bool // a TurnDetector is asked
	// fluent speakers make no pauses: what lies before the last one of a turn is left out. Their
	// machine is idle.
	fluent bool
	// strangers are all: nothing is known of anybody from earlier turns.
	strangers bool
}

func (w way) costs() (text, glimpse time.Duration) {
	if w.fluent {
		return idleCost, idleGlimpse
	}
	return textCost, glimpseCost
}

func ways(t *testing.T) []way {
	t.Helper()
	probes := []time.Duration{3 * hearing.WindowLength, 7 * hearing.WindowLength}              // as a listener has them
	adaptive := hearing.EndpointConfig{Probes: probes, StrangeSilence: 800 * time.Millisecond} // as agent/room has it
	off := hearing.EndpointConfig{Probes: probes, PatientSilence: -1}
	alone := off
	for _, d := range []*time.Duration{&alone.AskedSilence, &alone.CompleteSilence, &alone.MaxSilence, &alone.Afterthought, &alone.DoubtfulSilence} {
		*d = 500 * time.Millisecond
	}
	before := off
	before.DoubtfulSilence = 500 * time.Millisecond
	patient, err := off.Within(time.Second, 0)
	if err != nil {
		t.Fatal(err)
	}
	slower := adaptive
	slower.AskedSilence = 350 * time.Millisecond // as other sentences
	all := []way{
		{name: "silence alone, 500 ms", cfg: alone},
		{name: "and transcripts, as before", cfg: before, text: true},
		{name: "and words that want another", cfg: off, text: true},
		{name: "and the speaker's pauses: as it is", cfg: adaptive, text: true},
		{name: "and Smart Turn", cfg: adaptive, text: true, judge: true},
		{name: "Smart Turn, no pauses", cfg: off, text: true, judge: true},
		{name: "min: 1s, no pauses", cfg: patient, text: true},
		{name: "as it is, who makes no pauses", cfg: adaptive, text: true, fluent: true},
		{name: "they, where questions end no sooner", cfg: slower, text: true, fluent: true},
		{name: "strangers, all", cfg: adaptive, text: true, strangers: true},
	}
	for most := 400 * time.Millisecond; most <= 1200*time.Millisecond; most += 100 * time.Millisecond {
		curve := adaptive
		curve.PatientSilence, curve.StrangeSilence = most, min(most, adaptive.StrangeSilence)
		all = append(all, way{name: fmt.Sprintf("who pauses is waited for %v at most", most), cfg: curve, text: true})
	}
	return all
}
