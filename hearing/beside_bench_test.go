package hearing_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/installed"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/wer"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/media"
)

// What scripts/bench-whisper sets for BenchmarkBesideWhisperCPP.
const (
	otherPython  = "SENSORY_AGENT_WHISPERCPP_PYTHON" // a Python that has pywhispercpp
	otherScript  = "../scripts/whispercpp.py"
	otherThreads = 2 // for both
	otherRounds  = 2 // a clip is transcribed so often by each in utterance; the fastest counts
)

// other is whisper.cpp in a process of its own.
type other struct {
	in  io.Writer
	out *bufio.Scanner
}

// startOther starts whisper.cpp on the file that our own weights were converted from.
func startOther(b *testing.B) *other {
	b.Helper()
	python := os.Getenv(otherPython)
	if python == "" {
		b.Skip(otherPython + " is not set: run scripts/bench-whisper")
	}
	cmd := exec.CommandContext(b.Context(), python, otherScript,
		testmodels.Path(b, "whisper-base.en", "ggml-base.en.bin"), strconv.Itoa(otherThreads))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil && b.Context().Err() == nil {
			b.Error(err)
		}
	})
	return &other{in: in, out: bufio.NewScanner(out)}
}

// transcribe sends the path of a WAV file and returns what came back. tail is the silence, in
// seconds, that the audio context has behind the clip.
func (o *other) transcribe(b *testing.B, path string, tail float64) (text string, took time.Duration) {
	b.Helper()
	if _, err := fmt.Fprintf(o.in, "%g %s\n", tail, path); err != nil {
		b.Fatal(err)
	}
	if !o.out.Scan() {
		b.Fatalf("whisper.cpp ended: %v", o.out.Err())
	}
	var answer struct {
		Text    string  `json:"text"`
		Seconds float64 `json:"seconds"`
	}
	if err := json.Unmarshal(o.out.Bytes(), &answer); err != nil {
		b.Fatal(err)
	}
	return answer.Text, time.Duration(answer.Seconds * float64(time.Second))
}

// contestant is one way to transcribe a clip, and what came of it.
type contestant struct {
	name string
	run  func(pcm []float32, path string) (text string, took time.Duration)

	times []time.Duration // by clip
	words wer.Errors
}

// BenchmarkBesideWhisperCPP transcribes every sentence with our final engine and with whisper.cpp
// in utterance, with as many threads, and reports the time a clip takes, the ratio to whisper.cpp's
// and the word errors of both. whisper.cpp gets an audio context cut to the clip: with half a
// second of silence behind it, where it is fastest but writes some sentences twice (the ratios are
// to this one), and with the two seconds that ours has.
func BenchmarkBesideWhisperCPP(b *testing.B) {
	cpp := startOther(b)
	rt := installed.Runtime(b)
	opt := whisper.Options{Session: ort.Options{Threads: otherThreads}}
	ours := func(name string, engine hearing.Transcriber) *contestant {
		return &contestant{name: name, run: func(pcm []float32, _ string) (string, time.Duration) {
			begin := time.Now()
			got, err := engine.Transcribe(b.Context(), pcm)
			if err != nil {
				b.Fatal(err)
			}
			return got.Text, time.Since(begin)
		}}
	}
	theirs := func(name string, tail float64) *contestant {
		return &contestant{name: name, run: func(_ []float32, path string) (string, time.Duration) {
			return cpp.transcribe(b, path, tail)
		}}
	}
	all := []*contestant{
		theirs("whisper.cpp", 0.5), theirs("whisper.cpp-tail", 2),
		ours("8bit", installed.Whisper(b, rt, installed.Weights8, opt)), ours("32bit", installed.Whisper(b, rt, installed.Weights32, opt)),
	}
	for b.Loop() {
		contest(b, all)
	}
	for _, c := range all {
		report(b, c, all[0])
	}
	b.ReportMetric(0, "ns/op")
}

// contest lets all transcribe every sentence.
func contest(b *testing.B, all []*contestant) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "clip.wav")
	for i, said := range wer.Sentences() {
		pcm := scripted.AsHeard(scripted.Flite(b, "slt", said, 1))
		writeWAV(b, path, pcm)
		for round := range otherRounds {
			for _, c := range all {
				heard, took := c.run(pcm, path)
				if round == 0 {
					if i == 0 { // the first run makes buffers
						_, took = c.run(pcm, path)
					}
					c.times = append(c.times, took)
					c.words = c.words.Add(wer.Count(said, heard))
					continue
				}
				c.times[len(c.times)-1] = min(c.times[len(c.times)-1], took)
			}
		}
	}
}

// report writes the figures of one contestant beside those of whisper.cpp.
func report(b *testing.B, c, cpp *contestant) {
	b.Helper()
	ratios := make([]float64, len(c.times))
	for i, took := range c.times {
		ratios[i] = float64(took) / float64(cpp.times[i])
	}
	times := slices.Sorted(slices.Values(c.times))
	slices.Sort(ratios)
	half, last := len(times)/2, len(times)-1
	b.Logf("%-16s clip: median %v, longest %v; to whisper.cpp: median %.2f, worst %.2f; words: %v",
		c.name, times[half].Round(time.Millisecond), times[last].Round(time.Millisecond), ratios[half], ratios[last], c.words)
	b.ReportMetric(float64(times[half].Microseconds())/1000, c.name+"-ms/clip")
	b.ReportMetric(c.words.Percent(), c.name+"-wer-%")
	if c != cpp {
		b.ReportMetric(ratios[half], c.name+"-ratio")
		b.ReportMetric(ratios[last], c.name+"-worst-ratio")
	}
}

func writeWAV(b *testing.B, path string, pcm []float32) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if err := media.WriteWAV(f, hearing.SampleRate, pcm); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}
