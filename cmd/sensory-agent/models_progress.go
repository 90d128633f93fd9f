package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/models"
)

// modelsLineEvery is the pause between two plain progress lines of one file.
const modelsLineEvery = 2 * time.Second

// modelsProgress shows a pull: bars with rate and remaining time on a terminal, plain lines
// elsewhere. Events come one at a time.
type modelsProgress struct {
	out   io.Writer
	bars  *mpb.Progress // nil for plain lines
	files map[string]*modelsFile
}

// modelsFile is the display of one file.
type modelsFile struct {
	bar   *mpb.Bar
	total int64
	began time.Time
	last  time.Time
	prev  int64
}

func newModelsProgress(out io.Writer) *modelsProgress {
	p := &modelsProgress{out: printable.NewWriter(out), files: map[string]*modelsFile{}}
	if modelsTerminal(out) {
		p.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(40))
	}
	return p
}

// modelsTerminal reports whether out is a terminal.
func modelsTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// close finishes the display.
func (p *modelsProgress) close() {
	if p.bars == nil {
		return
	}
	for _, f := range p.files {
		if f.bar != nil && !f.bar.Completed() {
			f.bar.Abort(false)
		}
	}
	p.bars.Wait()
}

// event takes one event of the store.
func (p *modelsProgress) event(e models.Event) {
	name := e.Model
	if e.File != "" {
		name += "/" + e.File
	}
	if e.Phase == models.PhaseConvert {
		name += " (" + e.Source + ")"
	}
	switch e.Phase {
	case models.PhaseKept:
		return
	case models.PhaseFailed:
		p.line("%s: %s: %v", name, e.Source, e.Err)
		return
	case models.PhaseSource, models.PhaseBytes, models.PhaseVerify, models.PhaseConvert, models.PhaseDone:
	}
	f := p.files[name]
	if f == nil {
		f = &modelsFile{began: time.Now()}
		p.files[name] = f
	}
	if p.bars != nil {
		p.bar(name, f, e)
		return
	}
	p.plain(name, f, e)
}

// bar updates a bar, making it when its size is known.
func (p *modelsProgress) bar(name string, f *modelsFile, e models.Event) {
	if f.bar != nil && e.Total > 0 && e.Total != f.total { // the package is here, its file is being taken out
		f.bar.Abort(true)
		f.bar = nil
	}
	if f.bar == nil {
		if e.Total <= 0 {
			return
		}
		f.total = e.Total
		f.bar = p.bars.New(e.Total, mpb.BarStyle().Rbound("|"),
			mpb.PrependDecorators(decor.Name(name+" ", decor.WCSyncSpaceR)),
			mpb.AppendDecorators(
				decor.CountersKiloByte("% .1f / % .1f "), decor.AverageSpeed(decor.SizeB1000(0), " % .1f "),
				decor.OnComplete(decor.AverageETA(decor.ET_STYLE_GO), "done"),
			),
		)
	}
	switch e.Phase {
	case models.PhaseDone:
		f.bar.SetTotal(e.Total, true)
		f.bar.SetCurrent(e.Total)
	case models.PhaseConvert:
		f.bar.SetCurrent(e.Done)
		if e.Done >= e.Total {
			f.bar.SetTotal(e.Total, true)
		}
	case models.PhaseBytes:
		f.bar.SetCurrent(min(e.Done, max(e.Total-1, 0)))
	case models.PhaseSource, models.PhaseVerify, models.PhaseKept, models.PhaseFailed:
	}
}

// plain prints a line when something begins, ends, or has gone on for a while.
func (p *modelsProgress) plain(name string, f *modelsFile, e models.Event) {
	now := time.Now()
	switch e.Phase {
	case models.PhaseSource:
		f.began, f.last, f.prev = now, now, 0
		p.line("%s: trying %s", name, e.Source)
	case models.PhaseDone:
		p.line("%s: %s in %s", name, models.FormatBytes(e.Total), now.Sub(f.began).Round(100*time.Millisecond))
	case models.PhaseBytes, models.PhaseConvert:
		if f.last.IsZero() || e.Done < f.prev { // the package is here, its file is being taken out
			f.began, f.last, f.prev = now, now, e.Done
		}
		if now.Sub(f.last) < modelsLineEvery || e.Done == 0 {
			return
		}
		p.line("%s: %s", name, modelsRate(e, f.prev, now.Sub(f.last), now.Sub(f.began)))
		f.last, f.prev = now, e.Done
	case models.PhaseVerify, models.PhaseKept, models.PhaseFailed:
	}
}

// modelsRate renders how far a file is, how fast it goes and how long it will take.
func modelsRate(e models.Event, prev int64, since, all time.Duration) string {
	if e.Total <= 0 {
		return models.FormatBytes(e.Done)
	}
	text := fmt.Sprintf("%d %%", 100*e.Done/e.Total)
	if e.Phase == models.PhaseBytes {
		text = fmt.Sprintf("%s of %s (%s)", models.FormatBytes(e.Done), models.FormatBytes(e.Total), text)
		if since > 0 && e.Done > prev {
			rate := float64(e.Done-prev) / since.Seconds()
			text += fmt.Sprintf(", %s/s", models.FormatBytes(int64(rate)))
		}
	}
	if e.Done > 0 && all > 0 {
		left := time.Duration(float64(all) * float64(e.Total-e.Done) / float64(e.Done))
		text += fmt.Sprintf(", %s left", left.Round(time.Second))
	}
	return text
}

// line prints one line without breaking the bars.
func (p *modelsProgress) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...) + "\n"
	if p.bars != nil {
		_, _ = p.bars.Write([]byte(text))
		return
	}
	_, _ = io.WriteString(p.out, text)
}
