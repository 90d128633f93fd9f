package torch

import "errors"

// ErrPickle reports a pickle that holds what no state dictionary needs, or that contradicts itself.
// What it names is not run.
var ErrPickle = errors.New("torch: no pickle of a state dictionary")
