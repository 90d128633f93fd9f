package smoke

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// errUsage says that the system does not tell what a process has used.
var errUsage = errors.New("processor time of the program is not known")

// tick is the unit of times in /proc: USER_HZ is 100 on every Linux.
const tick = time.Second / 100

// usage is the processor time of a process and of its children that have ended, as proc(5) has it.
func usage(pid int) (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errUsage, err)
	}
	return parseUsage(string(data))
}

// parseUsage reads utime, stime, cutime and cstime. The name of the program, which may hold
// anything, stands in parentheses before them.
func parseUsage(stat string) (time.Duration, error) {
	i := strings.LastIndexByte(stat, ')')
	fields := strings.Fields(stat[i+1:])
	const first, last = 11, 14 // of the fields behind the name
	if i < 0 || len(fields) <= last {
		return 0, errUsage
	}
	var sum time.Duration
	for _, f := range fields[first : last+1] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%w: %q", errUsage, f)
		}
		sum += time.Duration(n) * tick
	}
	return sum, nil
}
