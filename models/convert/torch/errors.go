package torch

import "errors"

// ErrPickle reports a pickle that holds what no state dictionary needs, or that contradicts itself.
// What it names is not run.
var ErrPickle = errors.New("torch: no pickle of a state dictionary")

// ErrUnsupported reports a file of PyTorch that is not read here: of a machine with the other order
// of bytes, or with compressed or encrypted entries. Save it again with torch.save on a usual
// machine.
var ErrUnsupported = errors.New("torch: a form that is not read")
