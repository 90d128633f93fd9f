package persona

import (
	"reflect"
	"slices"
)

// Change is what has to happen in one room when one set follows another.
type Change struct {
	Room string
	// Open says that nobody sat there before, Close that nobody will.
	Open, Close bool
	// Leave are the personas that end what they say and go, Sit those that come: by name, in the
	// order of the old and of the new set. One whose definition changed is in both.
	Leave, Sit []string
	// Rules says that the policy, the front persona or the order of the seats changed.
	Rules bool
}

// Diff returns the changes from one set to the next: rooms that close in the order of the old set,
// then the others in the order of the new one. Rooms that stay as they are do not appear.
func Diff(old, next *Set) []Change {
	var out []Change
	for _, r := range old.Rooms {
		if _, stays := next.room(r.Name); !stays {
			out = append(out, Change{Room: r.Name, Close: true, Leave: slices.Clone(r.Personas)})
		}
	}
	for _, r := range next.Rooms {
		before, was := old.room(r.Name)
		if !was {
			out = append(out, Change{Room: r.Name, Open: true, Sit: slices.Clone(r.Personas), Rules: true})
			continue
		}
		if c, changed := diffRoom(old, next, before, r); changed {
			out = append(out, c)
		}
	}
	return out
}

func diffRoom(old, next *Set, before, after Room) (c Change, changed bool) {
	same := func(name string) bool {
		a, inOld := old.Find(name)
		b, inNext := next.Find(name)
		return inOld && inNext && reflect.DeepEqual(a, b)
	}
	c.Room = after.Name
	for _, name := range before.Personas {
		if !slices.Contains(after.Personas, name) || !same(name) {
			c.Leave = append(c.Leave, name)
		}
	}
	for _, name := range after.Personas {
		if !slices.Contains(before.Personas, name) || !same(name) {
			c.Sit = append(c.Sit, name)
		}
	}
	c.Rules = !reflect.DeepEqual(old.Policy(before), next.Policy(after)) || !slices.Equal(before.Personas, after.Personas)
	return c, c.Rules || len(c.Leave) > 0 || len(c.Sit) > 0
}

// Room returns the room of that name; one without personas where there is none.
func (s *Set) Room(name string) Room {
	r, _ := s.room(name)
	return r
}

// Has tells whether the set has a room of that name.
func (s *Set) Has(name string) bool {
	_, found := s.room(name)
	return found
}

func (s *Set) room(name string) (Room, bool) {
	for _, r := range s.Rooms {
		if r.Name == name {
			return r, true
		}
	}
	return Room{}, false
}
