// Package compute decides who may use the processors, the memory and the connections of this host,
// and keeps the ledger of who does.
//
// In: jobs that name the artifact they make, the artifacts they need, where they run and what they
// cost; budgets; what is ready and what is held. Out: one decision per job, and leases for the
// admitted ones. The package is pure Go on the standard library: it knows no room, codec or model,
// opens nothing and starts no goroutine except in Broker.Run, which the caller starts.
//
// # Planner
//
// Plan is a function: the same request gives the same outcome, whatever the order of its lists.
// Each job lands in exactly one Bucket. The steps, in this order:
//
//  1. stale: older than its StaleAfter. no_budget: nobody configured its pool. never_fits: costs
//     more than the whole pool.
//  2. superseded: of the jobs with equal class, holder and artifact only the first in order stays.
//  3. dependency_lost: needs an artifact whose every producer was dropped; carries over to what
//     needs its own artifact. cycle: waits for itself, directly or through others.
//  4. missing_dependency: needs an artifact that is not ready. A producer that is admitted in this
//     plan does not make its artifact ready in this plan.
//  5. admitted or pressure: the rest in order, as long as the pool has room and each of its
//     stations has a slot.
//
// The order is total. Effective priority = Priority + age / AgingStep for durable jobs, Priority
// alone for perishable ones, which get worse with age and are dropped when stale; higher first. At
// equal effective priority perishable jobs come first, newest first among themselves; durable ones
// oldest first; then by id.
//
// Nothing starves: age raises a durable job above every newcomer in time, and once one that does
// not fit has waited for ReserveAfter, its stations, and once they have slots for it its pool too,
// admit nothing that comes later in order until it fits. A job that cannot fit beside what is
// pinned reserves nothing, so that it cannot hold up the others for ever.
//
// # Stations
//
// A Station is what runs only so many jobs at once whatever the pools have left: a loaded model, a
// prompt cache. There is one queue for both: slots and units are granted together or not at all, so
// that the ledger shows units of those that work and of nobody that waits. That leaves no deadlock:
// who waits holds nothing, and who holds waits for nothing here, provided that no work under a
// lease asks for another lease. A Step is no exception: its source is published, and holds bytes
// only.
//
// The planner wakes nobody. Its caller plans again when an artifact became ready or a lease ended;
// Broker is such a caller.
//
// # Broker
//
// A Broker holds leases against the same budgets, with a bounded queue that it orders by the
// planner. Work that makes one thing of another is a Step: acquire, work, fence, publish and
// release are one scope, and its result stays as long as the lease it returns:
//
//	features, err := broker.Step(ctx, texture, &fence, compute.Demand{
//		Artifact: "vision.features/track/7", Class: compute.Embedding, Silicon: compute.SiliconCPU, Holder: "room/persona",
//		Cost: compute.Cost{Units: 400}, TTL: 10 * time.Minute,
//	}, func(ctx context.Context, lease *compute.Lease) error { … })
//
// Work whose result outlives its lease is a Do. Both are made of Acquire, Lease.Context, Lease.Do,
// Fence.Accept and Lease.Publish, which serve whoever holds a lease across more than one call.
//
// A lease ends by Release, by expiry, or by revocation; Revoked tells the holder. Publish makes the
// lease's artifact ready for those that wait for it, until the lease ends: what is published lives
// exactly as long as its lease. Resize changes how many bytes a lease holds meanwhile, for what
// grows as it is used. Bulk data never passes through this package.
package compute
