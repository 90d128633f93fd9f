package rtpin_test

import (
	"sync"
	"testing"

	"github.com/sensory-agent/sensory-agent/media/codec"
)

// TestVideoIsWatchedWhileItArrives copies pictures from other goroutines while the track goes on.
func TestVideoIsWatchedWhileItArrives(t *testing.T) {
	s, handles := newScreen(t, codec.VP8)
	cam := newCamera(t, codec.VP8, 64, 48, handles)
	packets, _ := cam.shot(true)
	s.push(packets...)
	stop := make(chan struct{})
	var watchers sync.WaitGroup
	for range 2 {
		watchers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				f, err := s.Picture(s.pool)
				if err != nil {
					t.Error(err)
					return
				}
				if w, h := s.Size(); w != f.Width || h != f.Height || s.Stats().Width != w {
					t.Errorf("%d×%d, want %d×%d", f.Width, f.Height, w, h)
				}
				s.NeedKeyframe(epoch)
				f.Release()
			}
		})
	}
	for range 100 {
		packets, _ := cam.shot(false)
		s.push(packets...)
	}
	close(stop)
	watchers.Wait()
	if s.Stats().Decoded != 101 {
		t.Errorf("%d pictures", s.Stats().Decoded)
	}
}
