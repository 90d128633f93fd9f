package senses_test

import (
	"math/rand/v2"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/hearing/wer"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
	"github.com/sensory-agent/sensory-agent/testmedia/wire"
)

// Short questions are where Whisper goes wrong: it writes them twice or leaves out their last word,
// depending on how the clip is cut. The microphone of somebody who has just joined gives clips
// without any silence before the first word.
func TestShortQuestionsKeepTheirLastWord(t *testing.T) {
	_, models := shared.Open(t)
	random := rand.New(rand.NewPCG(5, 5))
	noise := func(ms int) []float32 {
		out := make([]float32, speech.SampleRate/1000*ms)
		for i := range out {
			out[i] = (random.Float32()*2 - 1) * 1e-4
		}
		return out
	}
	var sum wer.Errors
	for _, place := range []string{"at the top right", "at the bottom left", "in the center", "on the right"} {
		for _, question := range []string{"What is " + place + "?", "What color is " + place + "?"} {
			pcm, err := speech.Say(t.Context(), speech.Default, question)
			if err != nil {
				t.Fatal(err)
			}
			for len(pcm) > 0 && pcm[len(pcm)-1] < 0.003 && pcm[len(pcm)-1] > -0.003 {
				pcm = pcm[:len(pcm)-1]
			}
			for _, lead := range []int{0, 60, 250, 500} {
				clip, err := wire.Over(append(append(noise(lead), pcm...), noise(230)...), 0, 0)
				if err != nil {
					t.Fatal(err)
				}
				got, err := models.Final(senses.Lab).Transcribe(t.Context(), clip[:len(clip)-640])
				if err != nil {
					t.Fatal(err)
				}
				e := wer.Count(question, got.Text)
				if e.Total() > 0 {
					t.Logf("with %d ms before it %q was heard as %q", lead, question, got.Text)
				}
				sum = sum.Add(e)
			}
		}
	}
	if sum.Percent() > 2 {
		t.Errorf("%v", sum)
	}
}
