package limits

import "time"

// Rate allows Burst at once and Per of them in Every on average.
type Rate struct {
	Burst, Per int
	Every      time.Duration
}

// ChatRate is the rate of one participant's messages.
func (l *Limits) ChatRate() Rate {
	return Rate{Burst: l.ChatBurst, Per: l.ChatsPerMinute, Every: time.Minute}
}

// RoomChatRate is the rate of all messages.
func (l *Limits) RoomChatRate() Rate {
	return Rate{Burst: l.RoomChatBurst, Per: l.RoomChatsPerMinute, Every: time.Minute}
}

// PacketRate is the rate of one participant's data packets.
func (l *Limits) PacketRate() Rate {
	return Rate{Burst: 2 * l.DataPackets, Per: l.DataPackets, Every: time.Second}
}

// ByteRate is the rate of the bytes in them.
func (l *Limits) ByteRate() Rate {
	return Rate{Burst: 2 * l.DataBytes, Per: l.DataBytes, Every: time.Second}
}

// UpdateRate is the rate at which changes of one participant's attributes are delivered.
func (l *Limits) UpdateRate() Rate {
	return Rate{Burst: l.UpdateBurst, Per: l.UpdatesPerMinute, Every: time.Minute}
}

// LogRate is the rate of the SDK's log lines.
func (l *Limits) LogRate() Rate {
	return Rate{Burst: l.LogLines, Per: l.LogLines, Every: time.Second}
}

// Bucket measures one flow against a Rate. The zero value is full.
type Bucket struct {
	used float64 // of the burst
	last time.Time
}

// Take uses n of the rate if there is room for all of it, and tells whether there was. Time that
// runs backwards counts as no time.
func (b *Bucket) Take(r Rate, n int, now time.Time) bool {
	if !b.last.IsZero() && now.After(b.last) {
		b.used = max(0, b.used-float64(r.Per)*float64(now.Sub(b.last))/float64(r.Every))
	}
	if b.last.IsZero() || now.After(b.last) {
		b.last = now
	}
	if b.used+float64(n) > float64(r.Burst) {
		return false
	}
	b.used += float64(n)
	return true
}

// Full tells whether nothing of the rate is in use at that time.
func (b *Bucket) Full(r Rate, now time.Time) bool {
	return b.used <= float64(r.Per)*float64(max(0, now.Sub(b.last)))/float64(r.Every)
}

// Meter measures many flows by name against one rate. Names that are idle are forgotten; when more
// than its capacity are busy at once, new ones share one bucket.
type Meter struct {
	rate   Rate
	most   int
	flows  map[string]*Bucket
	others Bucket
}

// NewMeter makes a meter that keeps at most so many names apart.
func NewMeter(rate Rate, names int) *Meter {
	return &Meter{rate: rate, most: names, flows: map[string]*Bucket{}}
}

// Take uses n of the named flow's rate if there is room for it, and tells whether there was.
func (m *Meter) Take(name string, n int, now time.Time) bool {
	b := m.flows[name]
	if b == nil {
		if len(m.flows) >= m.most {
			m.sweep(now)
		}
		if len(m.flows) >= m.most {
			return m.others.Take(m.rate, n, now)
		}
		b = &Bucket{}
		m.flows[name] = b
	}
	return b.Take(m.rate, n, now)
}

// sweep forgets flows that use nothing of their rate: a new bucket would be the same.
func (m *Meter) sweep(now time.Time) {
	for name, b := range m.flows {
		if b.Full(m.rate, now) {
			delete(m.flows, name)
		}
	}
}
