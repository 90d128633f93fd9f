package telemetry

import (
	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// closed are the values that labels may have, by metric, where they are known beforehand: those
// series are there from the start, at 0, since Prometheus does not count what a series begins with.
func closed() map[string][]string {
	var doubts []string
	for d := hearing.DoubtNone + 1; d.String() != "unknown"; d++ {
		doubts = append(doubts, d.String())
	}
	return map[string][]string{
		"sensory.turn.replies":        words(room.ReplyEnds()...),
		"sensory.turn.silences":       words(turn.Reasons()...),
		"sensory.turn.divergences":    words(turn.DeviationKinds()...),
		"sensory.turn.unclear":        doubts,
		"sensory.context.broken":      words(prompt.KindTools, prompt.KindPersona, prompt.KindMemory, prompt.KindTranscript, prompt.KindTail),
		"sensory.memory.decisions":    words(memory.Admit, memory.Drop, memory.Quarantine),
		"sensory.dispatch.reconciled": words(reconcile.Redispatched, reconcile.Raced, reconcile.Swept, reconcile.Failed),
		"sensory.problems": append(words(room.StageRoom, room.StageHearing, room.StageSight, room.StageReply, room.StageVoice, room.StageText, room.StageStore),
			stageOther),
		"sensory.track.dropped": {
			"audio_network", "audio_late", "audio_decoder", "audio_clock", "audio_listener",
			"video_network", "video_late", "video_decoder", "video_keyframe", "video_encoder",
		},
	}
}

func words[T ~string](of ...T) []string {
	out := make([]string, len(of))
	for i, w := range of {
		out[i] = string(w)
	}
	return out
}

// queueFull and noBudget are why a demand is refused, beside the buckets: the first has none, and
// the second belongs to no pool.
const (
	queueFull = "queue_full"
	noBudget  = "no_budget"
)

// refusals are why a demand for a pool is refused.
func refusals() []string {
	out := []string{queueFull}
	for _, b := range []compute.Bucket{
		compute.MissingDependency, compute.Pressure, compute.Stale, compute.Superseded, compute.NeverFits, compute.Cycle, compute.DependencyLost,
	} {
		out = append(out, b.String())
	}
	return out
}
