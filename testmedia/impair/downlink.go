package impair

import (
	"maps"
	"slices"
	"time"

	"github.com/pion/interceptor"
)

// downlink is a stream that arrives. It starts no goroutine: a packet that is late is handed out
// when its reader looks again, which must have a deadline then. One goroutine reads.
type downlink struct {
	link *Link
	next interceptor.RTPReader
	held held
}

// Read implements interceptor.RTPReader.
func (d *downlink) Read(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
	for {
		if p, ok := d.held.due(time.Now()); ok {
			return copy(b, p.payload), p.attributes, nil
		}
		n, attributes, err := d.next.Read(b, a)
		if err != nil {
			return n, attributes, err
		}
		v := d.link.pass(&d.link.down, n)
		if _, waits := d.held.next(); v.times == 1 && !waits && !v.at[0].After(time.Now()) {
			return n, attributes, nil
		}
		for _, at := range v.at[:v.times] {
			// Interceptors keep what they have read of a packet in its attributes.
			d.held.put(parcel{at: at, payload: slices.Clone(b[:n]), attributes: maps.Clone(attributes)})
		}
	}
}
