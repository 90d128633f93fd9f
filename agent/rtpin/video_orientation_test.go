package rtpin_test

import (
	"testing"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// orientationID is what a connection agreed on for the header extension.
const orientationID = 7

// phone is a screen that is told how pictures lie.
func phone(t *testing.T, c codec.VideoCodec, id uint8) *screen {
	t.Helper()
	handles := &codec.Handles{}
	r, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: c, Handles: handles, Orientation: id})
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{VideoReceiver: r, tb: t, pool: media.NewI420Pool(1), now: epoch}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if n := s.pool.Outstanding(); n != 0 || handles.Open() != 0 {
			t.Errorf("%d pictures and %d contexts are left", n, handles.Open())
		}
	})
	return s
}

// lies puts the extension into the last packet of a picture, as senders do.
func lies(t *testing.T, packets []*rtp.Packet, how ...byte) {
	t.Helper()
	if err := packets[len(packets)-1].SetExtension(orientationID, how); err != nil {
		t.Fatal(err)
	}
}

// upright is a picture as it should be shown.
func upright(t *testing.T, f *media.I420, o media.Orientation) *media.I420 {
	t.Helper()
	out := media.NewI420(o.Size(f.Width, f.Height))
	if err := f.Upright(o, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPhonesAreSeenUpright turns a phone while it sends. What no packet says is as it was.
func TestPhonesAreSeenUpright(t *testing.T) {
	for _, c := range codec.VideoCodecs() {
		t.Run(string(c), func(t *testing.T) {
			cam, s := newCamera(t, c, 320, 240, nil), phone(t, c, orientationID)
			for i, step := range []struct {
				says []byte
				want media.Orientation
			}{
				{nil, media.Orientation{}},
				{[]byte{1}, media.Orientation{Turns: 1}},
				{nil, media.Orientation{Turns: 1}},
				{[]byte{1, 2}, media.Orientation{Turns: 1}}, // of another length: nothing is said
				{[]byte{0xff}, media.Orientation{Turns: 1}},
				{[]byte{0x0a}, media.Orientation{Turns: 2}}, // the camera at its back
				{[]byte{3}, media.Orientation{Turns: 3}},
				{[]byte{4}, media.Orientation{Mirrored: true}},
				{[]byte{0}, media.Orientation{}},
			} {
				packets, sent := cam.shot(i == 0)
				if step.says != nil {
					lies(t, packets, step.says...)
				}
				if !s.push(packets...) {
					t.Fatalf("picture %d did not come out", i)
				}
				want := upright(t, sent, step.want)
				s.shows(want)
				if w, h := s.Size(); w != want.Width || h != want.Height {
					t.Errorf("picture %d has %d×%d, want %d×%d", i, w, h, want.Width, want.Height)
				}
				f, err := s.Picture(s.pool)
				if err != nil {
					t.Fatal(err)
				}
				if f.Captured.IsZero() || i > 0 && f.MediaTime == 0 {
					t.Errorf("picture %d: media time %v, captured %v", i, f.MediaTime, f.Captured)
				}
				f.Release()
			}
			if st := s.Stats(); st.Resizes != 4 || st.Width != 320 || st.Height != 240 {
				t.Errorf("stats: %+v", st)
			}
		})
	}
}

// TestAPictureStaysAsItWasShown: what a broken picture says of how it lies does not turn the one
// before it.
func TestAPictureStaysAsItWasShown(t *testing.T) {
	cam, s := newCamera(t, codec.VP8, 320, 240, nil), phone(t, codec.VP8, orientationID)
	first, sent := cam.shot(true)
	s.push(first...)
	next, _ := cam.shot(false)
	lies(t, next, 1)
	next[0].Payload = next[0].Payload[:1] // a descriptor without a picture
	for _, p := range next {
		_, err := s.Push(p, s.now)
		mayReturn(t, err)
	}
	s.shows(sent)
	key, sent := cam.shot(true)
	s.push(key...)
	s.shows(sent)
}

// TestOrientationThatWasNotNegotiated: the number then belongs to another extension, or to none.
func TestOrientationThatWasNotNegotiated(t *testing.T) {
	for _, id := range []uint8{0, orientationID + 1} {
		cam, s := newCamera(t, codec.VP8, 320, 240, nil), phone(t, codec.VP8, id)
		packets, sent := cam.shot(true)
		lies(t, packets, 1)
		s.push(packets...)
		s.shows(sent)
	}
}

// TestOrientationNeedsRoomForOnePicture: a pool of one lends the upright picture, and says so where
// it is out.
func TestOrientationNeedsRoomForOnePicture(t *testing.T) {
	cam, s := newCamera(t, codec.VP8, 320, 240, nil), phone(t, codec.VP8, orientationID)
	packets, _ := cam.shot(true)
	lies(t, packets, 3)
	s.push(packets...)
	f, err := s.Picture(s.pool)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Picture(s.pool); err == nil {
		t.Error("a second picture of a pool of one")
	}
	f.Release()
	if f, err = s.Picture(s.pool); err != nil {
		t.Fatal(err)
	}
	f.Release()
}
