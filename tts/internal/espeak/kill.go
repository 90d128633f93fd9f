package espeak

// Kill ends the running process at once and leaves the Phonemizer open: the call that comes next
// finds it dead and reports a *ProcessError, the one after that starts it again. It does nothing
// where no process runs.
func (p *Phonemizer) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.proc == nil {
		return nil
	}
	return p.proc.cmd.Process.Kill()
}
