package tts_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/tts"
)

// BenchmarkSynthesize reports, for a first clause and for a sentence, the time to the first piece
// ("first-ms"), the seconds of work for one of speech ("rtf") and the seconds of speech.
func BenchmarkSynthesize(b *testing.B) {
	clauses := map[string]string{"clause": "I can see,", "sentence": "I can see a red circle in the upper left corner of it."}
	for _, spec := range engines() {
		for _, threads := range []int{1, 2} {
			if spec == "espeak" && threads > 1 {
				continue
			}
			v := openVoice(b, spec, tts.WithThreads(threads))
			for _, kind := range []string{"clause", "sentence"} {
				b.Run(spec+"/threads="+strconv.Itoa(threads)+"/"+kind, func(b *testing.B) { benchClause(b, v, clauses[kind]) })
			}
		}
	}
}

func benchClause(b *testing.B, v tts.Voice, clause string) {
	var first time.Duration
	samples := 0
	b.ReportAllocs()
	for b.Loop() {
		start, heard := time.Now(), false
		err := v.Synthesize(context.Background(), clause, func(pcm []float32) error {
			if !heard {
				heard = true
				first += time.Since(start)
			}
			samples += len(pcm)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	speech := float64(samples) / float64(v.SampleRate())
	b.ReportMetric(first.Seconds()*1000/float64(b.N), "first-ms")
	b.ReportMetric(b.Elapsed().Seconds()/speech, "rtf")
	b.ReportMetric(speech/float64(b.N), "speech-s")
}

// BenchmarkOpen is the time until a voice is loaded, probed and warm.
func BenchmarkOpen(b *testing.B) {
	for _, spec := range engines() {
		requireFiles(b, spec)
		rt := openRuntime(b)
		b.Run(spec, func(b *testing.B) {
			for b.Loop() {
				v, err := tts.Open(context.Background(), rt, spec, tts.FilesIn(testmodels.Dir()))
				if err != nil {
					b.Fatal(err)
				}
				if err := v.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSpeakable(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		tts.Speakable("**Dr. Smith** sees [a red cube](https://example.com/a), about 3.5 cm wide.")
	}
}

func BenchmarkSplitter(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var s tts.Splitter
		for _, p := range []string{"I", " can", " see", ",", " in", " the", " corner", ",", " a", " cube", ".", " It", " is", " red", "."} {
			s.Push(p)
		}
		s.Flush()
	}
}
