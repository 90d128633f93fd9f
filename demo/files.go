package demo

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"github.com/sensory-agent/sensory-agent/bot"
	"github.com/sensory-agent/sensory-agent/lines"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// save writes what was heard of the persona and what the persona saw.
func (d *Demo) save(folder string, heard []participant.Recording) (err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil { // results for everybody on this machine
		return fmt.Errorf("results: %w", err)
	}
	wav, picture := filepath.Join(folder, "answer.wav"), filepath.Join(folder, "frame.png")
	if len(heard) == 0 {
		return fmt.Errorf("%w: the human heard no track", ErrNothing)
	}
	if err := bot.WriteWAV(wav, heard[0].PCM); err != nil {
		return err
	}
	d.mu.Lock()
	frame := d.frame
	d.mu.Unlock()
	if frame == nil || frame.Frame == nil {
		return fmt.Errorf("%w: the persona saw no frame", ErrNothing)
	}
	f, err := os.Create(picture)
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	defer closing(&err, f.Close)
	if err := png.Encode(f, frame.Frame); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	d.cfg.Tell(lines.Line{Event: "files", Detail: strings.Join([]string{wav, picture}, " ")})
	return nil
}
