package engine

import (
	"context"
	"errors"
	"io"

	"github.com/sensory-agent/sensory-agent/compute"
)

// stationed is a model that one job uses at a time. Its station is part of every demand for it, so
// that a slot of the model and units are granted together: who waits for either holds nothing. It
// belongs to the model, whoever shares it.
type stationed[T io.Closer] struct {
	place // where it runs
	model T
	at    []*compute.Station
}

// Close closes the model.
func (s *stationed[T]) Close() error { return s.model.Close() }

// station gives what load loads a station of one slot. runs is where it runs.
func station[T io.Closer](
	m *Machine, name string, runs place, load func(context.Context) (T, error),
) func(context.Context) (*stationed[T], error) {
	return func(ctx context.Context) (*stationed[T], error) {
		model, err := load(ctx)
		if err != nil {
			return nil, err
		}
		at, err := m.stations(name)
		if err != nil {
			return nil, errors.Join(err, model.Close())
		}
		return &stationed[T]{runs, model, at}, nil
	}
}

// stations makes a station of one slot, for Demand.At.
func (m *Machine) stations(name string) ([]*compute.Station, error) {
	s, err := m.broker.Station(name, 1)
	if err != nil {
		return nil, err
	}
	return []*compute.Station{s}, nil
}
