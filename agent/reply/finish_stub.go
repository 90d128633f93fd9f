package reply

// Finish stub.
func (r *Reply) Finish() {}
