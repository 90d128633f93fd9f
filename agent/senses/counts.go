package senses

import (
	"fmt"
	"sync/atomic"

	"github.com/sensory-agent/sensory-agent/agent/engine"
)

// counted is what an eye counts while it reads, for any goroutine.
type counted struct{ decoded, sampled, rested atomic.Uint64 }

// Counts are what an eye has counted so far.
type Counts struct {
	// Decoded are pictures of the track, Sampled those that were taken to be looked at, Dropped
	// those of them that a gaze did not look at since a newer one came: one a gaze.
	Decoded, Sampled, Dropped uint64
	// Forgotten are sights that were kept as earlier ones and made room for others, in number or in
	// bytes.
	Forgotten uint64
	// Rested are sampled pictures that slow eyes left alone, since nobody spoke: one a gaze.
	Rested uint64
}

// Frames count the pictures of all tracks of the senses that share them, also of those that have
// ended; each count only grows. The zero value is ready. It is safe from any goroutine.
type Frames struct{ decoded, sampled, dropped, stale, rested atomic.Uint64 }

// Counted are the counts by what became of pictures: decoded and sampled as in Counts; dropped,
// stale and rested are sampled ones that a gaze did not look at, since a newer one came, since they
// had waited for too long, and since nobody spoke: one a gaze.
func (f *Frames) Counted() map[string]uint64 {
	return map[string]uint64{
		"decoded": f.decoded.Load(), "sampled": f.sampled.Load(), "dropped": f.dropped.Load(), "stale": f.stale.Load(), "rested": f.rested.Load(),
	}
}

// Counts returns what was counted. It is safe from any goroutine.
func (y *Eye) Counts() Counts {
	out := Counts{Decoded: y.counted.decoded.Load(), Sampled: y.counted.sampled.Load(), Rested: y.counted.rested.Load()}
	y.mu.Lock()
	defer y.mu.Unlock()
	out.Dropped, out.Forgotten = y.dropped, y.forgotten
	for _, list := range [][]*Gaze{y.gazes, y.ending} {
		for _, g := range list {
			out.Dropped += g.slot.Drops()
			out.Forgotten += g.forgotten()
		}
	}
	return out
}

func (g *Gaze) forgotten() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.dropped
}

// Sights are the newest ones of all gazes, by the names of their encoders. It is safe from any
// goroutine, and waits for nothing.
func (y *Eye) Sights() map[string]*engine.Sight {
	y.mu.Lock()
	defer y.mu.Unlock()
	out := map[string]*engine.Sight{}
	for _, g := range y.gazes {
		if s := g.Now(); s != nil {
			out[g.encoder.name] = s
		}
	}
	return out
}

// lost is what of the pictures was not seen, by where it went: packets, access units, frames. It is
// called after the goroutines have ended.
func (y *Eye) lost() map[string]uint64 {
	v := y.rx.Stats()
	return map[string]uint64{
		"video_network": v.Lost, "video_late": v.Late, "video_decoder": v.Corrupt, "video_keyframe": v.Skipped, "video_encoder": y.dropped,
	}
}

// summary is called after the goroutines have ended.
func (y *Eye) summary() string {
	v := y.rx.Stats()
	return fmt.Sprintf("%d packets, %d lost, %d pictures of %d×%d, %d corrupt, %d skipped, %d blank, %d keyframe requests, %d frames dropped before encoding, %d earlier sights not kept",
		v.Packets, v.Lost, v.Decoded, v.Width, v.Height, v.Corrupt, v.Skipped, v.Blank, v.Requests, y.dropped, y.forgotten)
}
