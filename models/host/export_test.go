package host

// What tests reach.
var (
	CgroupMemory = cgroupMemory
	ProbeWith    = probe
	Contain      = contain
	BytesOf      = bytesOf
)

// Visible maps CUDA's numbers of GPUs to their places on the bus.
func Visible(list string, uuids []string) ([]int, error) {
	want, err := read(list)
	return want.visible(uuids), err
}
