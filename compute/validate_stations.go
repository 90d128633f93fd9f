package compute

import (
	"fmt"
	"slices"
)

// checkStations checks the stations of a request and that jobs and leases name no others.
func (r *Request) checkStations() error {
	if len(r.Stations) > maxJobs {
		return invalid("stations", fmt.Sprintf("%d stations, at most %d", len(r.Stations), maxJobs))
	}
	known := make(map[string]int, len(r.Stations))
	for i, s := range r.Stations {
		if field, problem := s.problem(); field != "" {
			return invalid(fmt.Sprintf("stations[%d].%s", i, field), problem)
		}
		if first, ok := known[s.Name]; ok {
			return invalid(fmt.Sprintf("stations[%d].name", i), fmt.Sprintf("%q is already the name of stations[%d]", s.Name, first))
		}
		known[s.Name] = i
	}
	for i := range r.Held {
		if problem := namesProblem(r.Held[i].At, known); problem != "" {
			return invalid(fmt.Sprintf("held[%d].at", i), problem)
		}
	}
	for i := range r.Jobs {
		if problem := namesProblem(r.Jobs[i].At, known); problem != "" {
			return invalid(fmt.Sprintf("jobs[%d].at", i), problem)
		}
	}
	return nil
}

// namesProblem returns what is wrong with the stations that a job names, or nothing.
func namesProblem(names []string, known map[string]int) string {
	if len(names) > maxStations {
		return fmt.Sprintf("%d stations, at most %d", len(names), maxStations)
	}
	for i, name := range names {
		if _, ok := known[name]; !ok {
			return fmt.Sprintf("%q is no station of the request", name)
		}
		if slices.Contains(names[:i], name) {
			return fmt.Sprintf("%q twice", name)
		}
	}
	return ""
}
