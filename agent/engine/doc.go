// Package engine is what personas hear, see, think and speak with: models, and the machine that
// they run on.
//
// In: what was probed of the machine ([MachineConfig]), and which models a persona runs on
// ([Config]). Out: a [Machine], one a process, with the only ledger and the only pool of loaded
// models; and [Models], one for each persona or room that wants some, several side by side. What
// two of them have in common is loaded once and counted. Models that fail to load are an error of
// whoever wanted them; others live on.
//
// All work goes through the machine's ledger (compute.Broker), under the name of a [Holder].
//
//	machine.go  the machine: runtime, broker, pool, sweeper
//	config.go   which models, and what is refused of that
//	models.go   the models of one resolution: what others call
//	shared.go   parts that several models have in common, counted
//	load.go     loading, part by part, side by side
//	ears.go     ears and voice under leases
//	base.go     the language model with what it sees and hears by itself; its probe: probe.go
//	local.go    a model in this process
//	kept.go     what personas keep of their prompts, within a budget
//	remote.go   a model behind a server
//	answer.go   what of an answer people may see and hear
//	sight.go    a picture as a model takes it
//	sound.go    the sound of a spoken question
//	price.go    what work costs
//	canned.go   models that cost nothing, to measure what is around them; parts: canned_parts.go
//
// The package knows no room and no SDK. Everything is safe for concurrent use.
package engine
