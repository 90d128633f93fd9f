package ort

// References returns how many things hold the native environment: runtimes, sessions, memory,
// tensors.
func References() int {
	process.mu.Lock()
	defer process.mu.Unlock()
	if !process.ready {
		return 0
	}
	return process.refs
}
