package senses

import (
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
)

const (
	// steadyFor is how long a scene lasts at least that somebody meant to show; what comes between
	// two of them, while a thing is moved, lasts less.
	steadyFor = 500 * time.Millisecond
	// pastEach bounds the sights that are kept: so many for each picture of an answer.
	pastEach = 4
)

// past are the sights that one gaze keeps: the newest, and earlier ones that an answer may be made
// from too. A scene is what is seen between two changes. Of one that is over its last sight is kept
// and one before it, of the one that goes on the first, and one more for each half of
// [engine.Series.Within]; of what changes all the time one for each half of the spacing. It is a
// pure machine and belongs to the gaze's goroutine; the sights' leases are the caller's.
type past struct {
	series  engine.Series
	kept    []moment // oldest first; the last is the newest
	dropped uint64   // earlier ones for which there was no room: in the list, or in memory
}

// moment is a sight that is kept.
type moment struct {
	sight  *engine.Sight
	scene  uint64
	since  time.Time // the first sight of its scene
	steady bool      // its scene, which is over, lasted
}

// add takes the newest sight, of a scene by its number, and returns those that are kept no more.
func (p *past) add(s *engine.Sight, scene uint64) (gone []*engine.Sight) {
	next := moment{sight: s, scene: scene, since: s.Captured}
	if n := len(p.kept); n > 0 {
		newest := &p.kept[n-1]
		switch {
		case p.series.Pictures < 2:
			gone = p.drop(gone, n-1)
		case newest.scene == scene:
			if next.since = newest.since; !p.anchor(n - 1) {
				gone = p.drop(gone, n-1)
			}
		default:
			gone = p.over(gone, s.Captured)
		}
	}
	p.kept = append(p.kept, next)
	for len(p.kept) > 1 && s.Captured.Sub(p.kept[0].sight.Captured) > p.series.Within {
		gone = p.drop(gone, 0)
	}
	for len(p.kept) > max(p.series.Pictures, 1)*pastEach {
		i := slices.IndexFunc(p.kept, func(m moment) bool { return !m.steady && m.scene != scene })
		gone = p.drop(gone, max(i, 0))
		p.dropped++
	}
	return gone
}

// drop keeps one no more.
func (p *past) drop(gone []*engine.Sight, i int) []*engine.Sight {
	gone = append(gone, p.kept[i].sight)
	p.kept = slices.Delete(p.kept, i, i+1)
	return gone
}

// anchor tells whether the sight at i stays when another of its scene comes.
func (p *past) anchor(i int) bool {
	if i == 0 || p.kept[i-1].scene != p.kept[i].scene {
		return true
	}
	return p.age(i-1, i) >= p.series.Within/2
}

// over ends the scene of the newest sight: that stays of it, where it is not of a moment only, and
// the one before it, for who asks at once.
func (p *past) over(gone []*engine.Sight, at time.Time) []*engine.Sight {
	last := len(p.kept) - 1
	steady := at.Sub(p.kept[last].since) >= steadyFor
	for i := last - 1; i >= 0 && p.kept[i].scene == p.kept[last].scene; i-- {
		if p.kept[i].steady = steady; i == last-1 {
			continue
		}
		gone = p.drop(gone, i)
		last--
	}
	p.kept[last].steady = steady
	if !p.kept[last].steady && last > 0 && p.age(last-1, last) < p.series.Spacing/2 {
		gone = p.drop(gone, last)
	}
	return gone
}

// age is how much older one is than another.
func (p *past) age(older, newer int) time.Duration {
	return p.kept[newer].sight.Captured.Sub(p.kept[older].sight.Captured)
}

// before are the earlier sights that an answer is made from beside the newest, oldest first.
func (p *past) before() (out []*engine.Sight) {
	at := len(p.kept) - 1
	for range p.series.Pictures - 1 {
		if at = p.earlier(at); at < 0 {
			break
		}
		out = append(out, p.kept[at].sight)
	}
	slices.Reverse(out)
	return out
}

// earlier is the one that stands before the one at i: the last of the scene before that lasted;
// where none did, the last of any other scene; where nothing has changed, the oldest of the same
// one. -1 for none that is as much older as it has to be.
func (p *past) earlier(i int) int {
	other, same := -1, -1
	for j := i - 1; j >= 0; j-- {
		switch {
		case p.age(j, i) < p.series.Spacing:
		case p.kept[j].scene == p.kept[i].scene:
			same = j
		case p.kept[j].steady:
			return j
		case other < 0:
			other = j
		}
	}
	if other >= 0 {
		return other
	}
	return same
}

// crowded drops all but the newest, since there is no room for more.
func (p *past) crowded() (gone []*engine.Sight) {
	for len(p.kept) > 1 {
		gone = p.drop(gone, 0)
		p.dropped++
	}
	return gone
}

// forget drops those whose leases have ended.
func (p *past) forget() (gone []*engine.Sight) {
	for i := len(p.kept) - 1; i >= 0; i-- {
		if p.kept[i].sight.Lease.Err() != nil {
			gone = p.drop(gone, i)
		}
	}
	return gone
}

// clear drops all.
func (p *past) clear() (gone []*engine.Sight) {
	for len(p.kept) > 0 {
		gone = p.drop(gone, 0)
	}
	return gone
}
