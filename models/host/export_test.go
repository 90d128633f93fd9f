package host

// What tests reach.
var (
	CgroupMemory = cgroupMemory
	ProbeWith    = probe
	Contain      = contain
	BytesOf      = bytesOf
)
