package hearing

import (
	"context"
	"strings"
	"time"
)

// job is one clip on its way through a transcriber. The listener's goroutine owns it; the goroutine
// that runs it only reads pcm.
type job struct {
	of      *record
	interim bool
	pcm     []float32
	upTo    int64 // position behind the clip
	from    int64 // position of its first sample
	cancel  context.CancelFunc
	dropped bool     // thrown away: its result does not count
	names   []string // that somebody may be called by when it began
	begin   time.Time

	outcome
	settled bool // outcome holds
}

// outcome is what a transcriber made of a job.
type outcome struct {
	text Transcript
	err  error
	end  time.Time
}

// result brings an outcome back to the listener's goroutine.
type result struct {
	job *job
	outcome
}

// record is what the scribe knows about one utterance.
type record struct {
	id         uint64
	start, end time.Duration // media times of the speech
	timing     Timing
	parts      []*job // clips that make up the utterance; the last may be the tail
	tail       *job   // the clip begun when speech stopped
	ended      bool
	interim    string        // last interim text
	voiced     time.Duration // see Signal
	voice      float32
	treble     float32 // see Evidence
	complained bool    // a failure of an interim transcript was reported
}

// stop ends the job's run, if it was started.
func (j *job) stop() {
	if j.cancel != nil {
		j.cancel()
	}
}

// done reports whether all parts have a result.
func (r *record) done() bool {
	for _, j := range r.parts {
		if !j.settled {
			return false
		}
	}
	return true
}

// failure returns the first error of the parts.
func (r *record) failure() error {
	for _, j := range r.parts {
		if j.err != nil {
			return j.err
		}
	}
	return nil
}

// text joins the texts of all parts that are done.
func (r *record) text() Transcript {
	var all Transcript
	var sum float64
	silence := float32(1)
	for _, j := range r.parts {
		if !j.settled || j.err != nil {
			continue
		}
		all.Text = joinTexts(all.Text, j.text.Text)
		all.Tokens += j.text.Tokens
		silence = min(silence, j.text.NoSpeech)
		all.NoSpeech = silence
		sum += float64(j.text.AvgLogProb) * float64(j.text.Tokens)
	}
	if all.Tokens > 0 {
		all.AvgLogProb = float32(sum / float64(all.Tokens))
	}
	return all
}

// settledTail tells whether the final transcript of the words said last is there.
func (r *record) settledTail() bool { return r.tail != nil && r.tail.settled }

// before is the text of the parts that are done, but for the clip that was begun when speech
// stopped: an interim transcript hears the same words.
func (r *record) before() (text string) {
	for _, j := range r.parts {
		if j != r.tail && j.settled && j.err == nil {
			text = joinTexts(text, j.text.Text)
		}
	}
	return text
}

// evidence says what speaks for and against the final text of the utterance.
func (r *record) evidence(text Transcript) Evidence {
	return Evidence{
		Text: text.Text, Tokens: text.Tokens, AvgLogProb: text.AvgLogProb, NoSpeech: text.NoSpeech,
		Voiced: r.voiced, Voice: r.voice, Treble: r.treble, Interim: r.interim,
	}
}

// joinTexts puts one space between two texts.
func joinTexts(a, b string) string {
	return strings.TrimSpace(a + " " + strings.TrimSpace(b))
}
