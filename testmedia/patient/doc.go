// Package patient has tests enter rooms on machines that are busy: in comes how somebody joins, out
// goes who is there. The caller owns it.
package patient
