package api_test

import (
	"context"
	"time"

	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// ledger is one with a pool, a lease and a demand.
func ledger() compute.Snapshot {
	pool := compute.Pool{Silicon: compute.SiliconCloud, Provider: "lab"}
	return compute.Snapshot{
		Pools: []compute.PoolInfo{{
			PoolUse: compute.PoolUse{Budget: compute.Budget{Pool: pool, Slots: 4, Units: 1 << 40, Bytes: 1 << 40}, UsedSlots: 1},
			Held:    1, Waiting: 1,
		}},
		Leases: []compute.LeaseInfo{{
			Token: 1 << 60, Artifact: "cognition.reply/lobby/1/iris", Class: compute.CloudProvider, Pool: pool, Holder: "lobby/iris",
			HeldFor: 1500 * time.Millisecond, ExpiresIn: -time.Second,
		}},
		Waiting:  []compute.WaitInfo{{Artifact: "b", Class: compute.CloudProvider, Pool: pool, Holder: "lobby/max", Waiting: 20 * time.Millisecond}},
		NoBudget: map[string]uint64{"GPU": 3},
	}
}

// loaded is a pool with a model that nobody holds.
func loaded() ort.PoolStatus {
	return ort.PoolStatus{
		Places: []ort.PlaceStatus{{Place: "cpu", Used: 1 << 33, Limit: 1 << 34}},
		Models: []ort.ModelStatus{{Name: "decoder", Place: "cpu", State: ort.StateIdle, Bytes: 1 << 33, Holders: 0, Hits: 4, Took: time.Second, ClosesIn: time.Minute}},
	}
}

func catalog() []api.ModelEntry {
	return []api.ModelEntry{{
		ID: "smol", Family: "idefics3", Licence: "Apache-2.0", Source: "hub", Revision: "r1", Unverified: "cuda", Personas: []string{"iris"},
		Files: []api.ModelFile{{Name: "decoder.onnx", Bytes: 1 << 33, SHA256: "ab"}},
	}}
}

func resolve(_ context.Context, profile, voice string) (model.Resolution, error) {
	if profile == "none" {
		return model.Resolution{}, &model.RefusalError{Reason: model.ReasonNoMatch, Profile: profile}
	}
	return model.Resolution{
		Profile: profile, Base: model.Part{ID: "base"}, Voice: model.Part{ID: voice}, Reason: "the first that fits", Silicon: "cpu", ExpectedBytes: 1 << 33,
	}, nil
}
