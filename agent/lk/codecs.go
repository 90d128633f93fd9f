package lk

import (
	"fmt"

	"github.com/pion/webrtc/v4"
)

// mimeRED is redundant audio: each packet carries copies of those before it (RFC 2198).
const mimeRED = "audio/red"

// opusType is the RTP payload type of Opus in Pion's list and in that of the server.
const opusType = 111

// redundantOpus is how browsers and servers describe redundant Opus: the two numbers are what is
// copied. 63 is the type that Chromium and livekit-server give it, and that Pion leaves free.
func redundantOpus() webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: mimeRED, ClockRate: 48000, Channels: 2, SDPFmtpLine: fmt.Sprintf("%d/%d", opusType, opusType),
		},
		PayloadType: 63,
	}
}

// orientationURI names the header extension in which senders say how their pictures lie (3GPP TS
// 26.114, section 7.4.5). A sender for whom it was negotiated no longer turns its pictures itself.
const orientationURI = "urn:3gpp:video-orientation"

// takeCopies lets a connection take redundant audio, before anything has been negotiated: then a
// server passes on the copies that a sender has made, and takes them out otherwise. The SDK's
// option for codecs is a list for both directions, in which whoever offers to send redundant audio
// is expected to. So it is added where Pion keeps the codecs of one peer connection, which has no
// way in. Errors: ErrSDK.
func takeCopies(pc *webrtc.PeerConnection) error {
	engine, err := engineOf(pc)
	if err != nil {
		return err
	}
	if err := engine.RegisterCodec(redundantOpus(), webrtc.RTPCodecTypeAudio); err != nil {
		return fmt.Errorf("%w: %w", ErrSDK, err)
	}
	return nil
}

// takeOrientation has a connection agree to be told how pictures lie, before anything has been
// negotiated. Errors: ErrSDK.
func takeOrientation(pc *webrtc.PeerConnection) error {
	engine, err := engineOf(pc)
	if err != nil {
		return err
	}
	extension := webrtc.RTPHeaderExtensionCapability{URI: orientationURI}
	if err := engine.RegisterHeaderExtension(extension, webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverDirectionRecvonly); err != nil {
		return fmt.Errorf("%w: %w", ErrSDK, err)
	}
	return nil
}

// engineOf is where Pion keeps what one peer connection can negotiate. Errors: ErrSDK.
func engineOf(pc *webrtc.PeerConnection) (*webrtc.MediaEngine, error) {
	api, err := privateField[*webrtc.API](pc, "api")
	if err != nil {
		return nil, err
	}
	engine, err := privateField[*webrtc.MediaEngine](*api, "mediaEngine")
	if err != nil {
		return nil, err
	}
	return *engine, nil
}

// orientationOf is the id that was negotiated for the extension; 0 where it was not, or nothing is
// received.
func orientationOf(r *webrtc.RTPReceiver) uint8 {
	if r == nil {
		return 0
	}
	for _, e := range r.GetParameters().HeaderExtensions {
		if e.URI == orientationURI && e.ID > 0 && e.ID < 256 {
			return uint8(e.ID)
		}
	}
	return 0
}
