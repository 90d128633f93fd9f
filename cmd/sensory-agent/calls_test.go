package main

import (
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
)

// TestWrongCallsOfWhatRunsAProgram are noticed before a server, a persona or a human is started.
func TestWrongCallsOfWhatRunsAProgram(t *testing.T) {
	cleanEnv(t)
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte("no picture and no sound"), 0o600); err != nil {
		t.Fatal(err)
	}
	bot := []string{"bot", "--url", "ws://127.0.0.1:1", "--api-key", "k", "--api-secret", strings.Repeat("s", 32), "--room", "lobby"}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"smoke", "sensory", "--codec", "mjpeg"}, "--codec"},
		{[]string{"smoke", "sensory", "--withhold", "everything"}, `"everything"`},
		{[]string{"smoke", "sensory", "--first-audio", "0s"}, "budgets"},
		{[]string{"smoke", "sensory", "--complete", "-10s"}, "budgets"},
		{[]string{"smoke", "sensory", "--seed", "-1"}, "--seed"},
		{[]string{"demo", "--codec", "mjpeg"}, "--codec"},
		{[]string{"demo", "--seed", "x"}, "--seed"},
		{[]string{"demo", "--listen", "0.0.0.0:0"}, "--listen-token-file"},
		{[]string{"bench", "loop", "--turns", "many"}, "--turns"},
		{[]string{"bench", "listen", "--duration", "long"}, "--duration"},
		{slices.Concat(bot, []string{"--show", file, "--scene", "7"}), "exclude each other"},
		{slices.Concat(bot, []string{"--loss", "101"}), "--loss 101"},
		{slices.Concat(bot, []string{"--loss", "-1"}), "--loss -1"},
		{slices.Concat(bot, []string{"--codec", "mjpeg"}), "--codec"},
		{slices.Concat(bot, []string{"--size", "640"}), `--size "640": use WIDTHxHEIGHT`},
		{slices.Concat(bot, []string{"--size", "axb"}), "use WIDTHxHEIGHT"},
		{slices.Concat(bot, []string{"--scene", "seven"}), "--scene"},
		{slices.Concat(bot, []string{"--scene", "7", "--kind", "opera"}), "opera"},
		{slices.Concat(bot, []string{"--scene", "7", "--size", "0x0"}), "use WIDTHxHEIGHT"},
		{slices.Concat(bot, []string{"--show", file}), file},
		{slices.Concat(bot, []string{"--wav", file}), file},
		{slices.Concat(bot, []string{"--wav", file + "x"}), "no such file"},
	} {
		if code, out, errs := runProgram(t, c.args...); code != exitUsage || out != "" || !strings.Contains(errs, c.says) {
			t.Errorf("%v: code %d, %s%s", c.args, code, out, errs)
		}
	}
}

// TestWhatABotSays: texts first, then files, as mono sound at 48 kHz.
func TestWhatABotSays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q.wav")
	pcm := make([]float32, 1600)
	for i := range pcm {
		pcm[i] = 0.25
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := media.WriteWAV(f, 16000, pcm); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	said, err := (&botFlags{wav: []string{path, path}}).utterances(t.Context())
	if err != nil || len(said) != 2 || len(said[0]) < 4700 || len(said[0]) > 4900 {
		t.Fatalf("%d utterances, %v", len(said), err)
	}
	if mid := said[0][len(said[0])/2]; mid < 0.24 || mid > 0.26 {
		t.Errorf("a level of 0.25 became %v", mid)
	}
	if none, err := (&botFlags{}).utterances(t.Context()); err != nil || none != nil {
		t.Errorf("%v, %v", none, err)
	}
}

// TestWhatABotShows is the scene of a seed, the same each time.
func TestWhatABotShows(t *testing.T) {
	f := &botFlags{scene: "7", kind: "shapes", width: 320, height: 240}
	before, one, err := f.pictures()
	if err != nil || before != nil || one.Bounds() != image.Rect(0, 0, 320, 240) {
		t.Fatalf("%v", err)
	}
	_, two, err := f.pictures()
	if err != nil {
		t.Fatal(err)
	}
	for y := range 240 {
		for x := range 320 {
			if one.At(x, y) != two.At(x, y) {
				t.Fatalf("(%d,%d) differs", x, y)
			}
		}
	}
	change := &botFlags{scene: "7", kind: "change", width: 320, height: 240}
	if before, after, err := change.pictures(); err != nil || before == nil || after == nil || before.Bounds() != after.Bounds() {
		t.Errorf("of a change %v and %v are shown, %v", before, after, err)
	}
	if before, none, err := (&botFlags{}).pictures(); before != nil || none != nil || err != nil {
		t.Errorf("%v, %v", none, err)
	}
}
