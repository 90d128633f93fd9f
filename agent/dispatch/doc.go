// Package dispatch has the personas of a host go where LiveKit's dispatches want them: it registers
// names as workers (package worker), seats personas for each job (package agent), and looks after
// dispatches that the server gave up (package reconcile).
//
// In: names, each with the personas that one dispatch of it seats ([Agent]). Out: seats in the
// host's rooms, those of several names and of the host's own set side by side in one room object;
// and how all that is ([Service.Status], [Service.Ready]).
//
//	service.go  the names that are served, changed while it runs; the end
//	post.go     one name: its models, kept warm; its worker; its jobs
//	load.go     what servers are told of the load
//	status.go   how it is, as LiveKit's own workers say it
//
// Each name has a goroutine that opens its models and runs its worker, and the reconciler has one.
// Close waits for all of them.
package dispatch
