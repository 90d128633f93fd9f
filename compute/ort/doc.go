// Package ort loads and runs ONNX models with ONNX Runtime.
//
// In: a runtime library found on disk, model files (or embedded bytes) and tensors over the
// caller's memory. Out: tensors, either over the caller's memory or allocated by the runtime and
// owned by the caller. No model, path or shape is known here: callers read names, types and shapes
// from the session.
//
// # Ownership
//
// A [Runtime] is a counted reference to the one native environment of the process; every open
// [Session], [Memory] and [Tensor] holds one as well, so the environment outlives whatever still
// needs it and is released by the last Close. All Close methods may be called twice and from any
// goroutine.
//
// # Sharing
//
// A runtime with a [Pool] loads the same bytes with the same options once, whoever asks: each
// holder has a [Session] of its own and closes it, the model behind them is closed some
// time after the last one. Room for another model is made by closing idle ones, never one that is
// held.
//
// # Goroutines
//
// The package starts no goroutine but those in which a pool loads and closes; [Pool.Close] waits
// for them. [Session.Run] may be called from many goroutines at once; [Session.Close] waits for
// running calls. A context cancels a run before it starts and, between two nodes of the graph,
// while it runs; a single running kernel is never interrupted.
//
// # Cost
//
// A run with a context that cannot end allocates nothing. Outputs allocated by the runtime stay
// where they are until somebody reads them: fed into the next run they are never copied.
//
// # Privacy
//
// The official builds of ONNX Runtime 1.29 and later report to their maker and keep a device id
// under ~/.cache/Microsoft. [Open] switches that off before the library is opened, for the whole
// process: no connection, no socket, no file.
//
// # Threads
//
// A session uses one thread unless [Options.Threads] says more, and idle threads sleep instead of
// spinning: a service that waits for speech costs no processor time.
package ort
