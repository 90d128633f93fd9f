package lk_test

import (
	"strings"
	"testing"

	"github.com/pion/webrtc/v4"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

const orientation = "urn:3gpp:video-orientation"

// TestOrientationIsNegotiatedWhereItIsOffered: a sender that offers to say how its pictures lie is
// taken at its word, under the number that it gives the extension; one that does not turns pictures
// itself.
func TestOrientationIsNegotiatedWhereItIsOffered(t *testing.T) {
	t.Parallel()
	for _, offered := range []bool{true, false} {
		engine := &webrtc.MediaEngine{}
		if err := engine.RegisterDefaultCodecs(); err != nil {
			t.Fatal(err)
		}
		if offered {
			if err := engine.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: orientation}, webrtc.RTPCodecTypeVideo); err != nil {
				t.Fatal(err)
			}
		}
		sends, receives := connection(t, engine), connection(t, nil)
		if err := lk.TakeOrientation(receives); err != nil {
			t.Fatal(err)
		}
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "camera", "phone")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sends.AddTrack(track); err != nil {
			t.Fatal(err)
		}
		offer, err := sends.CreateOffer(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := receives.SetRemoteDescription(offer); err != nil {
			t.Fatal(err)
		}
		answer, err := receives.CreateAnswer(nil)
		if err != nil {
			t.Fatal(err)
		}
		if agreed := strings.Contains(answer.SDP, orientation); agreed != offered {
			t.Errorf("offered %v, agreed %v", offered, agreed)
		}
		if err := receives.SetLocalDescription(answer); err != nil {
			t.Fatal(err)
		}
		id := lk.OrientationOf(receives.GetTransceivers()[0].Receiver())
		if offered != (id > 0) {
			t.Errorf("offered %v: the extension has number %d", offered, id)
		}
	}
	if id := lk.OrientationOf(nil); id != 0 {
		t.Errorf("of nothing: %d", id)
	}
}

// connection makes a peer connection that ends with the test.
func connection(t *testing.T, engine *webrtc.MediaEngine) *webrtc.PeerConnection {
	t.Helper()
	api := webrtc.NewAPI()
	if engine != nil {
		api = webrtc.NewAPI(webrtc.WithMediaEngine(engine))
	}
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pc.Close(); err != nil {
			t.Error(err)
		}
	})
	return pc
}
