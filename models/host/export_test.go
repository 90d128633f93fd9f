package host

// CgroupMemory is cgroupMemory for tests.
var CgroupMemory = cgroupMemory
