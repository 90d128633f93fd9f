// Package host looks at the machine and reports the facts that package cognition/model decides on.
//
// In: nothing but the machine, and the environment's word on which GPUs are to be used. Out: a
// model.Host. Looking at GPUs loads NVIDIA's management library at run time: a machine without it
// is reported as one without a usable GPU, with the reason. A driver that is there and fails is an
// error: such a machine is not taken for one without. The library lists all GPUs by their place on
// the bus; what is reported are those that CUDA shows to a process with this environment, under
// its numbers, which the inference library is told.
package host
