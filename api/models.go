package api

import (
	"context"

	"connectrpc.com/connect"

	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
)

// ModelEntry is a model of the catalog, with the personas that are made of it.
type ModelEntry struct {
	ID, Family, Licence string
	// Source and Revision say where its files came from; Unverified what nobody has tried with it.
	Source, Revision, Unverified string
	Personas                     []string
	Files                        []ModelFile
}

// ModelFile is a file of a model; SHA256 is empty where nobody has seen its bytes.
type ModelFile struct {
	Name, SHA256 string
	Bytes        int64
}

// ListModels implements the call.
func (s *machine) ListModels(context.Context, *sensoryv1.ListModelsRequest) (*sensoryv1.ListModelsResponse, error) {
	pool, ok := s.cfg.Pool()
	if !ok {
		return nil, failure(connect.CodeUnavailable, ReasonLoading, "nothing is loaded yet; try again when /readyz says so")
	}
	out := &sensoryv1.ListModelsResponse{Counts: loadsOf(pool.PoolCounts)}
	for _, p := range pool.Places {
		out.Places = append(out.Places, &sensoryv1.ModelPlace{Name: p.Place, UsedBytes: p.Used, LimitBytes: p.Limit})
	}
	for i := range pool.Models {
		m := &pool.Models[i]
		out.Loaded = append(out.Loaded, &sensoryv1.LoadedModel{
			Name: m.Name, Place: m.Place, State: m.State, Bytes: m.Bytes, Holders: whole(m.Holders), Hits: whole(m.Hits), LoadMs: millis(m.Took), ClosesInMs: millis(m.ClosesIn),
			Threads: whole(m.Threads), IdleMs: millis(m.IdleFor),
		})
	}
	for _, m := range s.cfg.Models() {
		out.Models = append(out.Models, &sensoryv1.Model{
			Id: m.ID, Family: m.Family, Licence: m.Licence, Source: m.Source, Revision: m.Revision, Unverified: m.Unverified, Personas: m.Personas,
			Files: each(m.Files, func(f ModelFile) *sensoryv1.ModelFile {
				return &sensoryv1.ModelFile{Name: f.Name, Bytes: f.Bytes, Sha256: f.SHA256}
			}),
		})
	}
	return out, nil
}
