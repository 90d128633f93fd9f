package rtpin

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// TestAssemblerScripts plays testdata/assembler.txt: access units out of packets that are lost, cut
// and mixed up.
func TestAssemblerScripts(t *testing.T) {
	playScript(t, "testdata/assembler.txt", func(t *testing.T, commands []string) []string {
		c, err := codec.ParseVideoCodec(commands[0])
		if err != nil {
			t.Fatal(err)
		}
		a, err := newAssembler(c)
		if err != nil {
			t.Fatal(err)
		}
		out := &printer{}
		var p media.Packet
		for _, line := range commands[1:] {
			cmd := parseCommand(t, line)
			p.Seq = uint16(cmd.number("seq", int(p.Seq)+1))
			p.Timestamp = uint32(cmd.number("ts", int(p.Timestamp)))
			var digits string
			p.Marker = false
			for _, word := range cmd.plain {
				if word == "end" {
					p.Marker = true
				} else {
					digits += word
				}
			}
			if p.Payload, err = hex.DecodeString(digits); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if err := a.add(p, out); err != nil {
				out.lines = append(out.lines, "error "+err.Error())
			}
		}
		return append(out.lines, fmt.Sprintf("broken=%d corrupt=%d", a.broken, a.corrupt))
	})
}

// printer is a sink that writes down what it is given.
type printer struct{ lines []string }

func (p *printer) accessUnit(u *accessUnit) {
	line, start := fmt.Sprintf("unit ts=%d", u.timestamp), 0
	for _, end := range u.parts {
		line += fmt.Sprintf(" [% x]", u.data[start:end])
		start = end
	}
	p.lines = append(p.lines, line)
}

func (p *printer) gap() {
	if n := len(p.lines); n > 0 && strings.HasPrefix(p.lines[n-1], "gap") {
		p.lines[n-1] += ", again"
		return
	}
	p.lines = append(p.lines, "gap")
}

// TestDepacketizersKnowBeginnings tells payloads with which an access unit can begin from all
// others: after a loss decoding may go on at the first kind only.
func TestDepacketizersKnowBeginnings(t *testing.T) {
	for c, payloads := range map[codec.VideoCodec]map[string]bool{
		codec.VP8: {
			"1000": true, "908001 01": true, "10": false, "": false, "0000": false, "1100": false, "1700": false, "0100": false,
			"0700": false,
		},
		codec.VP9: {
			"0801": true, "8801 02": true, "a8010000 05": true, "0001": false, "0401": false, "a8010200 05": false,
			"88": false, "": false, "a0010000 05": false,
		},
		codec.H264: {
			"67": false, "6701": true, "0901": true, "6801": false, "0601": false, "6580": true, "6540": false, "4180": true,
			"4100": false, "": false, "7c": false, "7c85": false, "7c8580": true, "7c8540": false, "7c0580": false,
			"7c4580": false, "7c8780": true, "7c8601": false, "78": false, "7800": false, "780002": false, "78000267": false,
			"7800026701": true, "7800024100": false, "780002418000": true, "7c9c858000": false, "7d6701": false,
		},
		codec.AV1: {
			"1008": true, "1010": true, "1018": true, "1030": true, "1020": false, "1028": false, "1038": false, "1078": false,
			"10": false, "": false, "9008": false, "5008": true, "2001 08 30": true, "2000 30": false, "0000": false,
			"0001 08": true, "0009 08": false, "00ff": false, "20ff": false, "0001 20": false, "8008": false,
		},
	} {
		d, err := newDepacketizer(c)
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range payloads {
			payload, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			if got := d.starts(payload); got != want {
				t.Errorf("%s: an access unit begins with %q: %v, want %v", c, text, got, want)
			}
		}
	}
	if d, err := newDepacketizer("theora"); d != nil || err == nil {
		t.Errorf("theora: %v, %v", d, err)
	}
}
