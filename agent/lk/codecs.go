package lk

import (
	"fmt"

	"github.com/pion/webrtc/v4"
)

// mimeRED is redundant audio: each packet carries copies of those before it (RFC 2198).
const mimeRED = "audio/red"

// opusType is the RTP payload type of Opus in Pion's list and in that of the server.
const opusType = 111

// redundantOpus is how browsers and servers describe redundant Opus: the two numbers are what is copied. 63 is
// the type that Chromium and livekit-server give it, and that Pion leaves free.
func redundantOpus() webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: mimeRED, ClockRate: 48000, Channels: 2, SDPFmtpLine: fmt.Sprintf("%d/%d", opusType, opusType),
		},
		PayloadType: 63,
	}
}

// takeCopies lets a connection take redundant audio, before anything has been negotiated: then a server passes
// on the copies that a sender has made, and takes them out otherwise. The SDK's option for codecs is a list
// for both directions, in which whoever offers to send redundant audio is expected to. So it is added where
// Pion keeps the codecs of one peer connection, which has no way in. Errors: ErrSDK.
func takeCopies(pc *webrtc.PeerConnection) error {
	api, err := privateField[*webrtc.API](pc, "api")
	if err != nil {
		return err
	}
	engine, err := privateField[*webrtc.MediaEngine](*api, "mediaEngine")
	if err != nil {
		return err
	}
	if err := (*engine).RegisterCodec(redundantOpus(), webrtc.RTPCodecTypeAudio); err != nil {
		return fmt.Errorf("%w: %w", ErrSDK, err)
	}
	return nil
}
