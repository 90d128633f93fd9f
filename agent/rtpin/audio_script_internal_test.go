package rtpin

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

// audioScript runs the commands of one case.
type audioScript struct {
	t       *testing.T
	r       *AudioReceiver
	packets [][]byte
	seq     int // of packet 0
	ts      int
	start   time.Time
	lines   []string
	run     soundRun
}

// soundRun is a row of frames of one kind without a gap between them.
type soundRun struct {
	kind           string
	from, to       time.Duration
	captured, next time.Duration
}

// TestAudioScripts plays testdata/audio.txt: what is heard of a microphone whose packets come late,
// twice, or never.
func TestAudioScripts(t *testing.T) {
	tone := codectest.Tone(48000*3, 48000, 440, 0.5)
	plain := codectest.Opus(t, tone, codec.OpusEncoderConfig{Bitrate: 24000})
	fec := codectest.Opus(t, tone, codec.OpusEncoderConfig{Bitrate: 24000, FEC: true, ExpectedLossPercent: 20})
	playScript(t, "testdata/audio.txt", func(t *testing.T, commands []string) []string {
		s := &audioScript{t: t, packets: plain, seq: 65530, ts: 4294960000, start: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}
		first := parseCommand(t, commands[0])
		cfg := AudioConfig{
			Rate:       first.number("rate", 0),
			MaxDelay:   time.Duration(first.number("delay", 0)) * time.Millisecond,
			MaxSilence: time.Duration(first.number("silence", 0)) * time.Millisecond,
		}
		if first.number("fec", 0) == 1 {
			s.packets = fec
		}
		var err error
		if s.r, err = NewAudioReceiver(cfg); err != nil {
			t.Fatal(err)
		}
		s.r.SetRED(uint8(first.number("red", 0)))
		for _, line := range commands[1:] {
			s.do(parseCommand(t, line))
		}
		s.flush()
		if err := s.r.Close(); err != nil {
			t.Error(err)
		}
		return s.lines
	})
}

func (s *audioScript) do(c command) {
	s.t.Helper()
	switch c.plain[0] {
	case "shift": // the sender starts over with other numbers
		s.seq, s.ts = c.number("seq", s.seq), c.number("ts", s.ts)
	case "send", "push":
		from, to, ok := strings.Cut(c.plain[1], "-")
		first, err := strconv.Atoi(from)
		last := first
		if ok && err == nil {
			last, err = strconv.Atoi(to)
		}
		if err != nil {
			s.t.Fatalf("%s: %v", c.line, err)
		}
		for i := first; i <= last; i++ {
			s.send(c, i)
		}
	case "pop":
		s.pop(s.at(c.number("at", 0)))
	case "deadline":
		s.flush()
		now := s.at(c.number("at", 0))
		s.lines = append(s.lines, fmt.Sprintf("due at %d ms", s.r.Deadline(now).Sub(s.start).Milliseconds()))
	case "stats":
		s.flush()
		s.lines = append(s.lines, counters(s.r.Stats()))
	default:
		s.t.Fatalf("unknown command %q", c.line)
	}
}

func (s *audioScript) at(ms int) time.Time { return s.start.Add(time.Duration(ms) * time.Millisecond) }

// send pushes packet i at its time, and pops unless the command says push.
func (s *audioScript) send(c command, i int) {
	at := s.at(c.number("at", i*20))
	p := &rtp.Packet{Header: rtp.Header{
		Version: 2, PayloadType: uint8(c.number("type", 111)),
		SequenceNumber: uint16(s.seq + i + c.number("number", 0)), Timestamp: uint32(s.ts + i*960),
	}}
	switch {
	case c.pairs["bytes"] == "none":
	case c.pairs["bytes"] != "":
		for digits := c.pairs["bytes"]; len(digits) > 1; digits = digits[2:] {
			v, err := strconv.ParseUint(digits[:2], 16, 8)
			if err != nil {
				s.t.Fatal(err)
			}
			p.Payload = append(p.Payload, byte(v))
		}
	case c.pairs["copies"] != "":
		p.PayloadType, p.Payload = s.r.red, s.redundant(i, c.pairs["copies"])
	default:
		p.Payload = s.packets[i%len(s.packets)]
	}
	if err := s.r.Push(p, at); err != nil {
		s.flush()
		s.lines = append(s.lines, "error "+err.Error())
	}
	if c.plain[0] == "send" {
		s.pop(at)
	}
}

// redundant packs packet i with copies of those before it: a word of letters, oldest first, c for a
// copy, e for an empty one, t for one of another type.
func (s *audioScript) redundant(i int, copies string) []byte {
	var head, body []byte
	for k, kind := range copies {
		back := len(copies) - k
		data, kindOf := s.packets[i-back], 111
		if kind == 'e' {
			data = nil
		}
		if kind == 't' {
			kindOf = 8
		}
		head = binary.BigEndian.AppendUint32(head, uint32(1<<31|kindOf<<24|back*960<<10|len(data)))
		body = append(body, data...)
	}
	return append(append(append(head, 111), body...), s.packets[i]...)
}

func (s *audioScript) pop(now time.Time) {
	s.r.Pop(now, func(f Frame) {
		kind := "sound"
		switch {
		case f.Concealed:
			kind = "made up"
		case media.Peak(f.PCM) == 0:
			kind = "silence"
		}
		length := time.Duration(len(f.PCM)) * time.Second / time.Duration(s.r.cfg.Rate)
		captured := f.Captured.Sub(s.start)
		if kind != s.run.kind || !near(f.MediaTime, s.run.to) || !near(captured, s.run.next) {
			s.flush()
			s.run = soundRun{kind: kind, from: f.MediaTime, captured: captured}
		}
		s.run.to, s.run.next = f.MediaTime+length, captured+length
	})
}

func near(a, b time.Duration) bool { return (a - b).Abs() < 10*time.Microsecond }

// flush writes down the frames so far.
func (s *audioScript) flush() {
	if s.run.kind != "" {
		ms := func(d time.Duration) string { return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', -1, 64) }
		s.lines = append(s.lines, fmt.Sprintf("%s from %s to %s ms, captured from %s ms",
			s.run.kind, ms(s.run.from), ms(s.run.to), ms(s.run.captured)))
	}
	s.run = soundRun{}
}
