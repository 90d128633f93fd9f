package streams

import (
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// ByteTopic bounds the byte streams of a topic.
type ByteTopic struct {
	// Most is how many bytes one may have.
	Most int
	// Rate is how often one sender may begin one.
	Rate limits.Rate
}

// bound is how long a stream may be, and what one is that is longer.
type bound struct {
	most int
	over limits.Kind
}

// byteTopics are those whose byte streams are read, with what was begun of each.
type byteTopics map[string]struct {
	bound
	began *limits.Meter
}

func newByteTopics(topics map[string]ByteTopic, names int) byteTopics {
	out := byteTopics{}
	for name, t := range topics {
		one := out[name]
		one.bound, one.began = bound{t.Most, limits.StreamBytes}, limits.NewMeter(t.Rate, names)
		out[name] = one
	}
	return out
}

func (t byteTopics) reads(topic string) bool { return t[topic].began != nil }

// begun reports that a stream of bytes was opened; those of texts report their first text.
func (s *stream) begun(sid, id string) []Event {
	if !s.binary {
		return nil
	}
	return []Event{Begun{SID: sid, From: s.from, Topic: s.topic, ID: id, Attributes: s.attributes}}
}

// begin applies the rate of a topic that is read.
func (t byteTopics) begin(topic, who string, now time.Time) (limits.Kind, bool) {
	return limits.StreamRate, t[topic].began.Take(who, 1, now)
}
