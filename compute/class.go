package compute

import (
	"fmt"
	"strings"
)

// Class is the kind of work a job does. It serves observation and coalescing; admission goes by
// Silicon.
type Class uint8

// The classes. The zero value is no class.
const (
	CPU Class = iota + 1
	Data
	GPU
	Embedding
	LocalGeneration
	CloudProvider
	IO
	Media
	Render
	Memory
	Background
	classEnd
)

// Silicon is where a job runs. Jobs of all classes on one silicon share its budget.
type Silicon uint8

// The silicons. The zero value is none. A budget of SiliconCloud is per provider.
const (
	SiliconCPU Silicon = iota + 1
	SiliconGPU
	SiliconUnifiedMemory
	SiliconNetwork
	SiliconDisk
	SiliconCloud
	SiliconBackground
	siliconEnd
)

// Revocation says how a lease may be taken back before it expires.
type Revocation uint8

// The revocation policies. The zero value is Graceful.
const (
	// Graceful leases are asked for first: the holder has a grace period to release.
	Graceful Revocation = iota
	// Hard leases end at once, such as those of stale frames.
	Hard
	// Pinned leases are never revoked before they expire.
	Pinned
	revocationEnd
)

func className(c Class) string {
	names := [...]string{
		"", "CPU", "DATA", "GPU", "EMBEDDING", "LOCAL_GENERATION", "CLOUD_PROVIDER", "IO", "MEDIA", "RENDER", "MEMORY", "BACKGROUND",
	}
	return names[c]
}

func siliconName(s Silicon) string {
	names := [...]string{"", "CPU", "GPU", "UNIFIED_MEMORY", "NETWORK", "DISK", "CLOUD", "BACKGROUND"}
	return names[s]
}

func revocationName(r Revocation) string {
	names := [...]string{"GRACEFUL", "HARD", "PINNED"}
	return names[r]
}

// Valid reports whether c is one of the eleven classes.
func (c Class) Valid() bool { return c > 0 && c < classEnd }

// Valid reports whether s is one of the seven silicons.
func (s Silicon) Valid() bool { return s > 0 && s < siliconEnd }

// Valid reports whether r is one of the three policies.
func (r Revocation) Valid() bool { return r < revocationEnd }

// String returns the name used in JSON.
func (c Class) String() string {
	if !c.Valid() {
		return fmt.Sprintf("Class(%d)", uint8(c))
	}
	return className(c)
}

// String returns the name used in JSON.
func (s Silicon) String() string {
	if !s.Valid() {
		return fmt.Sprintf("Silicon(%d)", uint8(s))
	}
	return siliconName(s)
}

// String returns the name used in JSON.
func (r Revocation) String() string {
	if !r.Valid() {
		return fmt.Sprintf("Revocation(%d)", uint8(r))
	}
	return revocationName(r)
}

// ParseClass returns the class of that name. Errors: ErrInvalid, listing the names.
func ParseClass(name string) (Class, error) { return parseName(name, "class", 1, classEnd, className) }

// Silicons lists every silicon, in the order of the constants.
func Silicons() []Silicon {
	var out []Silicon
	for s := Silicon(1); s < siliconEnd; s++ {
		out = append(out, s)
	}
	return out
}

// ParseSilicon returns the silicon of that name. Errors: ErrInvalid, listing the names.
func ParseSilicon(name string) (Silicon, error) {
	return parseName(name, "silicon", 1, siliconEnd, siliconName)
}

// ParseRevocation returns the policy of that name. Errors: ErrInvalid, listing the names.
func ParseRevocation(name string) (Revocation, error) {
	return parseName(name, "revocation", 0, revocationEnd, revocationName)
}

func parseName[T ~uint8](name, what string, first, end T, nameOf func(T) string) (T, error) {
	var names []string
	for value := first; value < end; value++ {
		if nameOf(value) == name {
			return value, nil
		}
		names = append(names, nameOf(value))
	}
	return 0, invalid(what, fmt.Sprintf("%q is unknown; known are %s", name, strings.Join(names, ", ")))
}

// MarshalText returns the name used in JSON.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// MarshalText returns the name used in JSON.
func (s Silicon) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalText returns the name used in JSON.
func (r Revocation) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
