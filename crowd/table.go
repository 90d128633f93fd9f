package crowd

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Further is the memory of each session beyond the first in the last record, by the record of one
// session; nil where there is none. What counts is how much the rooms added to what the process
// held with its models before them, which differs by megabytes from one process to the next, and
// only what no file is behind: a program's pages count less as soon as the humans run the same
// program.
func Further(records []Record) *float64 {
	last := records[len(records)-1]
	for _, r := range records {
		if r.Sessions == 1 && last.Sessions > 1 {
			mb := (last.grown() - r.grown()) / float64(last.Sessions-1)
			return &mb
		}
	}
	return nil
}

// grown is how much the memory that no file is behind has grown since before the rooms.
func (r *Record) grown() float64 {
	before := 0.0
	for _, m := range r.Memory {
		if m.Stage == stageRooms {
			break
		}
		before = m.AnonMB
	}
	return r.end().AnonMB - before
}

// end is the memory that was measured last.
func (r *Record) end() Memory {
	if len(r.Memory) == 0 {
		return Memory{}
	}
	return r.Memory[len(r.Memory)-1]
}

// Table shows records, one at least, as a table, with what was lost; and where the memory of a
// process without sessions goes.
func Table(records []Record) string {
	var s strings.Builder
	first := records[0]
	parts := "the profile's own models"
	if first.Canned {
		parts = "canned parts: nobody is understood"
	}
	said, shown := "one human speaks about 2 s in every 8 s of each room", "shows nothing"
	if first.Silent {
		said = "one human is silent in each room"
	}
	if first.Video {
		shown = fmt.Sprintf("shows a camera of 1280×720 at %d fps", first.FPS)
	}
	fmt.Fprintf(&s, "%s\n%s; %s and %s; %.0f s each; load of the machine %.1f before, %.1f after\n\n",
		first.Host, parts, said, shown, first.Seconds, first.LoadStart, records[len(records)-1].LoadEnd)
	if first.Panel != nil {
		panels(&s, records)
		return s.String()
	}
	t := tabwriter.NewWriter(&s, 0, 4, 2, ' ', tabwriter.AlignRight)
	row := func(format string, args ...any) { _, _ = fmt.Fprintf(t, format+"\t\n", args...) } // into memory
	row("sessions\tcores\ta session\tPSS\tRSS\ta further\tlatency p50\tp95\tsilence\tmodel\tthe rest p50\tp95\tway\tasked\tanswered\twrong\tgoroutines")
	for _, r := range records {
		each, more := "–", "–"
		if r.Sessions > 0 {
			each = fmt.Sprintf("%.4f", r.Cores[service]/float64(r.Sessions))
		}
		if r.PSSFurtherMB != nil {
			more = fmt.Sprintf("%.1f MB", *r.PSSFurtherMB)
		}
		row("%d\t%.3f\t%s\t%.0f MB\t%.0f MB\t%s\t%.0f ms\t%.0f ms\t%.0f ms\t%.1f ms\t%.1f ms\t%.1f ms\t%.0f ms\t%d\t%d\t%d\t%d",
			r.Sessions, r.Cores[service], each, r.end().PSSMB, r.end().RSSMB, more, r.Latency.P50, r.Latency.P95, r.Silence.P50, r.Model.P50,
			r.Overhead.P50, r.Overhead.P95, r.Way.P50, r.Asked, r.Answered, r.Wrong, r.Goroutines)
	}
	_ = t.Flush() // into memory
	for _, r := range records {
		for _, why := range r.Lost {
			fmt.Fprintf(&s, "%d sessions: %s\n", r.Sessions, why)
		}
		if v := r.SecondVoice; v != nil {
			fmt.Fprintf(&s, "\na second persona that speaks with %s takes %.1f MB more (PSS): its voice %.1f, the rest of it %.1f\n", v.Voice, v.TotalMB, v.VoiceMB, v.RestMB)
		}
		if r.Sessions == 0 || r.SecondVoice != nil {
			r.printMemory(&s)
		}
	}
	return s.String()
}

// panels shows records of panels.
func panels(s *strings.Builder, records []Record) {
	t := tabwriter.NewWriter(s, 0, 4, 2, ' ', tabwriter.AlignRight)
	row := func(format string, args ...any) { _, _ = fmt.Fprintf(t, format+"\t\n", args...) } // into memory
	row("personas in one room\tcores\talone\tfor the human\tto one persona\tPSS\tsaid\theard\tframes looked at\treplies\tgoroutines")
	for _, r := range records {
		p, ratio := r.Panel, "–"
		if p.ToOne != nil {
			ratio = fmt.Sprintf("%.2f ×", *p.ToOne)
		}
		row("%d\t%.3f\t%.3f\t%.3f\t%s\t%.0f MB\t%d\t%d\t%d\t%d\t%d", p.Personas, r.Cores[service], p.Alone, p.Human, ratio,
			r.end().PSSMB, p.Said, p.Heard, p.Looked, p.Replies, r.Goroutines)
	}
	_ = t.Flush() // into memory
	s.WriteString("\nnobody is called by name, so nobody answers: hearing and seeing alone\n")
}

// printMemory says where the memory of a process goes, stage by stage.
func (r *Record) printMemory(s *strings.Builder) {
	for _, m := range r.Memory {
		fmt.Fprintf(s, "\n%s: PSS %.1f MB (RSS %.1f): %.1f in files, %.1f not, of which Go has %.1f (%.1f of them a heap in use)\n",
			m.Stage, m.PSSMB, m.RSSMB, m.FileMB, m.AnonMB, m.GoMB, m.HeapMB)
		for _, at := range m.Largest {
			fmt.Fprintf(s, "  %7.1f MB  %s\n", at.PSSMB, at.Name)
		}
	}
}
