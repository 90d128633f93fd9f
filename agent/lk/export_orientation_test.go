package lk

import "github.com/pion/webrtc/v4"

// TakeOrientation is takeOrientation, OrientationOf orientationOf.
func TakeOrientation(pc *webrtc.PeerConnection) error  { return takeOrientation(pc) }
func OrientationOf(receiver *webrtc.RTPReceiver) uint8 { return orientationOf(receiver) }
