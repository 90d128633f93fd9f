package race

import (
	"time"

	"github.com/sensory-agent/sensory-agent/crowd"
)

const (
	// audible is the level in dBFS from which a frame is sound: the tone of a canned voice has −9.
	audible = -45.0
	// pause is how long it is quiet between two sounds; a shorter gap is a packet that came late.
	pause = 500 * time.Millisecond
	// shortTone and longTone bound a tone of 2 s as it is heard: what is lost on the way is
	// missing, and a framework may fade its end.
	shortTone, longTone = 1400 * time.Millisecond, 3 * time.Second
)

// sound is what was heard without a pause: from when its first packet came to the end of its last.
type sound struct{ start, end time.Time }

// sounds are what one person heard, in order.
type sounds []sound

// add takes a frame that came at a time.
func (s *sounds) add(at time.Time, length time.Duration, dbfs float64) {
	if dbfs < audible {
		return
	}
	end := at.Add(length)
	if n := len(*s); n > 0 && at.Sub((*s)[n-1].end) < pause {
		(*s)[n-1].end = end
		return
	}
	*s = append(*s, sound{at, end})
}

// asking is a question: when its speech began and ended.
type asking struct{ start, end time.Time }

// verdict is what became of one's questions.
type verdict struct {
	asked, answered, early, wrong int
	latencies                     []float64 // ms
}

// judge finds the answer to each question: the first sound after it and before the next one. An
// early one began while the question was spoken; one that is too long or too short for the tone is
// wrong.
func judge(asked []asking, heard []sound) (v verdict) {
	for i, q := range asked {
		v.asked++
		for _, s := range heard {
			if s.start.Before(q.start) || i+1 < len(asked) && !s.start.Before(asked[i+1].start) {
				continue
			}
			if s.start.Before(q.end) {
				v.early++
				break
			}
			v.answered++
			v.latencies = append(v.latencies, ms(s.start.Sub(q.end)))
			if l := s.end.Sub(s.start); l < shortTone || l > longTone {
				v.wrong++
			}
			break
		}
	}
	return v
}

// add adds another's.
func (v *verdict) add(o verdict) {
	v.asked, v.answered, v.early, v.wrong = v.asked+o.asked, v.answered+o.answered, v.early+o.early, v.wrong+o.wrong
	v.latencies = append(v.latencies, o.latencies...)
}

// spread is how values are spread.
func spread(values []float64) crowd.Spread { return crowd.SpreadOf(values) }

// ms is a duration in milliseconds.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
