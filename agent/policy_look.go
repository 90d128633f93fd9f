package agent

import (
	"strings"
	"time"
)

// Bounds of the wait for a picture.
const (
	// subscribeLimit is how long a question waits for a track that its asker has just published: the server needs some 100 ms from publishing
	// to the first packet, a busy one a second.
	subscribeLimit = 2 * time.Second
	// darkAfter is how long a track may show nothing before it counts as dark.
	darkAfter = 5 * time.Second
)

// view is a video track as the choice sees it.
type view struct {
	SID, Who string
	Screen   bool
	Pending  bool      // published and being subscribed to: nothing can be seen on it yet
	Seen     bool      // a picture of it is at hand
	Since    time.Time // when it was published, or opened
}

// dark tells whether the track has shown nothing although there was time for it.
func (v view) dark(now time.Time) bool { return !v.Seen && now.Sub(v.Since) > darkAfter }

// ranks of a view, the more the better: a track that shows something before one that does not, then the kind that is spoken of, then the
// asker's own.
const (
	rankOwn   = 2
	rankKind  = 4
	rankLight = 8
)

// chooseView returns the track that a question is about: the asker's own camera first, then anybody's; the screen when it is spoken of or nothing
// else is shown. A track that is being subscribed to is chosen if it is the asker's own, for a while after it was published. Dark tracks
// come last. ok is false where there is none.
func chooseView(views []view, who, text string, now time.Time) (best view, ok bool) {
	screen := strings.Contains(strings.ToLower(text), "screen")
	rank := -1
	for _, v := range views {
		if v.Pending && (v.Who != who || now.Sub(v.Since) > subscribeLimit) {
			continue
		}
		r := 0
		if v.Who == who {
			r += rankOwn
		}
		if v.Screen == screen {
			r += rankKind
		}
		if !v.dark(now) {
			r += rankLight
		}
		if r > rank || r == rank && v.SID < best.SID {
			best, rank = v, r
		}
	}
	return best, rank >= 0
}

// reconsiders tells whether an answer that was begun without a picture is begun anew, because its asker's track has come to be known: the news of
// it takes another way than their text, and may be overtaken. What was heard already stays.
func reconsiders(track view, asker ask, blind, audible bool, now time.Time) bool {
	return track.Who == asker.Who && blind && !audible && now.Sub(asker.Asked) <= subscribeLimit
}
