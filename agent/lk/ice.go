package lk

import (
	"time"

	"github.com/pion/webrtc/v4"
)

// A connection of media without a packet for quietAfter counts as disconnected, and after lostAfter
// more as lost; then a way is looked for anew. The SDK has 10 and 5 s, and packets every 2 s where
// nothing else is sent.
const (
	quietAfter = 5 * time.Second
	lostAfter  = 5 * time.Second
	aliveEvery = time.Second
)

// askedLimit is for how long a STUN server may be silent when one's own address is asked for. Pion
// waits for it even where the connection is closed meanwhile, for 5 s unless told otherwise: as
// long as a room that closes waits for all that it has.
const askedLimit = 2 * time.Second

// apply sets that up for a connection which has not looked for its way yet. The SDK's options have
// none of it, so it is set where Pion keeps the settings of one peer connection, which has no way
// in. Errors: ErrSDK.
func (t Transport) apply(pc *webrtc.PeerConnection) error {
	api, err := privateField[*webrtc.API](pc, "api")
	if err != nil {
		return err
	}
	settings, err := privateField[*webrtc.SettingEngine](*api, "settingEngine")
	if err != nil {
		return err
	}
	(*settings).SetICETimeouts(quietAfter, lostAfter, aliveEvery)
	(*settings).SetSTUNGatherTimeout(askedLimit)
	if t == TCP {
		(*settings).SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6})
	}
	return nil
}
