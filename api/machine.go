package api

import (
	"context"
	"strconv"

	"connectrpc.com/connect"

	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/compute"
)

// leasesListed bounds each list of the ledger.
const leasesListed = 1024

// machine answers MachineService.
type machine struct{ *Server }

// ListLeases implements the call.
func (s *machine) ListLeases(context.Context, *sensoryv1.ListLeasesRequest) (*sensoryv1.ListLeasesResponse, error) {
	now, ok := s.cfg.Leases()
	if !ok {
		return nil, failure(connect.CodeUnavailable, ReasonLoading, "the ledger is not open yet; try again when /readyz says so")
	}
	out := &sensoryv1.ListLeasesResponse{NoBudget: tally(now.NoBudget)}
	for i := range now.Pools {
		out.Pools = append(out.Pools, poolOf(&now.Pools[i]))
	}
	for _, l := range now.Leases[:min(len(now.Leases), leasesListed)] {
		out.Leases = append(out.Leases, &sensoryv1.Lease{
			Token: strconv.FormatUint(l.Token, 10), Artifact: l.Artifact, Class: l.Class.String(), Holder: l.Holder,
			Silicon: l.Pool.Silicon.String(), Provider: l.Pool.Provider, Units: whole(l.Cost.Units), Bytes: l.Cost.Bytes,
			HeldForMs: millis(l.HeldFor), ExpiresInMs: millis(l.ExpiresIn), Published: l.Published,
		})
	}
	for i := range now.Waiting[:min(len(now.Waiting), leasesListed)] {
		w := &now.Waiting[i]
		out.Waiting = append(out.Waiting, &sensoryv1.Demand{
			Artifact: w.Artifact, Class: w.Class.String(), Holder: w.Holder, Silicon: w.Pool.Silicon.String(), Provider: w.Pool.Provider,
			WaitingMs: millis(w.Waiting),
		})
	}
	out.Stations = each(now.Stations, stationOf)
	return out, nil
}

func poolOf(p *compute.PoolInfo) *sensoryv1.Pool {
	return &sensoryv1.Pool{
		Silicon: p.Silicon.String(), Provider: p.Provider, Slots: whole(p.Slots), UsedSlots: whole(p.UsedSlots),
		Units: whole(p.Units), UsedUnits: whole(p.UsedUnits), Bytes: p.Bytes, UsedBytes: p.UsedBytes,
		Held: whole(p.Held), Waiting: whole(p.Waiting), Level: p.Level, Tier: p.Tier.String(), Classes: each(p.Classes, classOf),
	}
}

// ResolveModel implements the call.
func (s *machine) ResolveModel(ctx context.Context, req *sensoryv1.ResolveModelRequest) (*sensoryv1.ResolveModelResponse, error) {
	c := checked{}
	c.name("profile", req.GetProfile(), false)
	c.name("voice", req.GetVoice(), false)
	if err := c.result(); err != nil {
		return nil, err
	}
	res, err := s.cfg.Resolve(ctx, req.GetProfile(), req.GetVoice())
	if err != nil {
		return nil, err
	}
	return &sensoryv1.ResolveModelResponse{
		Profile: res.Profile, Base: res.Base.ID, Ear: res.Ear.ID, InterimEar: res.Interim.ID, Detector: res.Detector.ID,
		Voice: res.Voice.ID, Library: res.Library.ID, Provider: res.Provider, Silicon: string(res.Silicon), Device: res.Device,
		ExpectedBytes: res.ExpectedBytes, FreeBytes: res.FreeBytes, Stage: res.Stage, Why: res.Reason,
	}, nil
}
