// Package worker takes jobs from a LiveKit server: it speaks the worker protocol of LiveKit's
// agents framework, in pure Go, so that a program in Go can stand beside or instead of agents in
// Python and Node. It knows nothing of voices or models; what a job does is up to its Handler. It
// builds without cgo and imports nothing else of this project.
//
// # In three steps
//
// A dispatch asks for an agent by its name: through LiveKit's API (AgentDispatchService), in the
// configuration of a room, or in a participant's token. The server offers the job to a worker that
// has registered this name; the worker reserves what the job needs and says that it is available;
// the server assigns the job, with a token that joins the room.
//
//	w, err := worker.New(worker.Config{
//		URL: "wss://livekit.example.com", APIKey: key, APISecret: secret,
//		Agents:  []worker.Agent{{Name: "greeter"}},
//		MaxJobs: 10,
//		Handler: func(ctx context.Context, job worker.Job) error {
//			// Join job.URL with job.Token, by server-sdk-go or anything else; leave when ctx ends.
//		},
//	})
//	…
//	err = w.Run(ctx)       // until ctx ends
//	err = w.Drain(limited) // from elsewhere: no more jobs, and an end when those that run have ended
//
// # Room for one more
//
// Before a worker says that it is available it calls Reserve. An error declines, and the server
// asks the next worker at once; a server that gets no answer gives the dispatch up. So does a slow
// one: after ReserveLimit the offer is declined, and what Reserve still returns is released. Every
// reservation is released exactly once, after the handler or when the job went elsewhere.
//
// Servers choose by load, and give nothing from their target on (0.7). Load says which share of the
// process is in use, MaxJobs bounds the jobs; the larger share counts, and is scaled so that 1, no
// room for one more, is the target. The worker says besides that it is full. Until it has
// registered for some milliseconds, a server takes every worker to be idle: Reserve has the last
// word.
//
// # What a job may rely on
//
// A job lives on while the connection to the server is gone; the worker registers again by itself,
// at first after half a second, at last every ten. The server does not know the job any more then
// (open-source servers ignore the worker's MigrateJobRequest), so a job has to end by what it sees
// in its room, too: that it was removed, that the room was closed, that the last human has left.
//
// A job's context ends with a cause: ErrTerminated, ErrDrainLimit or ErrStopped. A job cannot be
// made to return: Run waits for every handler. A panic in a handler fails that job, and is logged
// with its stack; the process and its other jobs go on.
//
// # What servers may send
//
// Frames are bounded before they are read, and checked before they are used. Malformed ones, kinds
// that the protocol has not, jobs for other names, assignments that were not accepted, duplicates:
// each is refused with a Reason and counted, and the connection lives; sixteen malformed frames in
// a row, an oversized one and thirty seconds of silence end it, and it is opened again. Queues are
// bounded: a server that does not read loses its connection.
//
// Written for version 1 of the protocol as of livekit/protocol v1.51 and tried against
// livekit-server 1.13.5. Later versions of the protocol have fields that this one has not
// (UpdateWorkerStatus.seq and draining, UpdateJobStatus.join_timing); a drained worker says that it
// is full instead.
//
// # Inside
//
// The machine (machine.go) is pure: events and the time go in, effects come out. One goroutine,
// that of Run, owns it and carries out its effects; each connection has a goroutine that reads and
// one that writes, each call of Reserve and each job has one of its own. Run waits for all of them.
package worker
