package outside

// WriteY4M is what the fake camera plays.
var WriteY4M = writeY4M
