package crowd

import (
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
)

// Record is what was measured of one count of rooms. Times are in milliseconds.
type Record struct {
	Bench    string  `json:"bench"`
	Host     string  `json:"host"`
	Sessions int     `json:"sessions"`
	Canned   bool    `json:"canned"`
	Video    bool    `json:"video"`
	FPS      int     `json:"fps,omitempty"` // of the cameras
	Silent   bool    `json:"silent"`
	Seconds  float64 `json:"seconds"`
	// LoadStart and LoadEnd are the load of the machine in the minute before: figures of a machine
	// that does other things are its own.
	LoadStart float64 `json:"load_start"`
	LoadEnd   float64 `json:"load_end"`
	// Cores that were used: by the service, the humans and, where it was started here, the server.
	Cores map[string]float64 `json:"cores"`
	// Memory of this process, stage by stage: what Config.Memory had, then with its rooms, and at
	// the end.
	Memory []Memory `json:"memory"`
	// PSSFurtherMB is what Further says, nil without a run with one session.
	PSSFurtherMB *float64 `json:"pss_further_mb,omitempty"`
	Goroutines   int      `json:"goroutines"`
	// Panel is set where several personas, or one, sat in one room and were not called, SecondVoice
	// where a second one came.
	Panel       *Panel       `json:"panel,omitempty"`
	SecondVoice *SecondVoice `json:"second_voice,omitempty"`

	// Latency is from the end of speech to the first packet of the answer at the human's ear.
	// Silence is the wait for the end of turn, Model what models took that nothing hides, Overhead
	// the rest until the packet was sent, and Way what is left: the ways to and from the persona,
	// and what the voice detector takes for speech at its end.
	Latency  Spread `json:"latency"`
	Silence  Spread `json:"silence"`
	Model    Spread `json:"model"`
	Overhead Spread `json:"overhead"`
	Way      Spread `json:"way"`

	Asked    int      `json:"asked"`
	Answered int      `json:"answered"`
	Wrong    int      `json:"wrong"`
	Lost     []string `json:"lost,omitempty"` // why turns were not answered, or wrong
}

// Failure is a *TurnsError where turns were lost or answered wrong, and ErrNothingAsked where
// nobody asked anything although they were to. A panel has its own.
func (r *Record) Failure() error {
	switch {
	case r.Panel != nil:
		return r.Panel.failure(r.Silent, r.Video)
	case r.Sessions > 0 && !r.Silent && r.Asked == 0:
		return ErrNothingAsked
	case r.Answered < r.Asked || r.Wrong > 0:
		return &TurnsError{r.Sessions, r.Asked, r.Answered, r.Wrong}
	}
	return nil
}

// judge adds up what was asked between begin and end.
func (r *Record) judge(lines []Noticed, traces map[int][]reply.Trace, begin, end time.Time) {
	var latency, silence, model, overhead, way []float64
	r.Asked, r.Answered, r.Wrong, r.Lost = 0, 0, 0, nil
	for _, a := range askings(lines, traces) {
		if a.end.Before(begin) || a.end.After(end) {
			continue
		}
		r.Asked++
		if why := a.lost(); why != "" {
			r.Lost = append(r.Lost, fmt.Sprintf("room %d, %s: %s", a.room, a.end.Format("15:04:05"), why))
			continue
		}
		r.Answered++
		if why := a.wrong(r.Canned, r.Video); why != "" {
			r.Wrong++
			r.Lost = append(r.Lost, fmt.Sprintf("room %d, %s: %s", a.room, a.end.Format("15:04:05"), why))
		}
		t := a.trace
		total, quiet := t.Latency(), t.EndOfTurn.Sub(t.SpeechEnd)
		latency, silence = append(latency, ms(a.heard.Sub(a.end))), append(silence, ms(quiet))
		overhead, model = append(overhead, ms(t.Overhead())), append(model, ms(total-quiet-t.Overhead()))
		way = append(way, ms(a.heard.Sub(a.end)-total))
	}
	r.Latency, r.Silence, r.Model, r.Overhead, r.Way = SpreadOf(latency), SpreadOf(silence), SpreadOf(model), SpreadOf(overhead), SpreadOf(way)
}
