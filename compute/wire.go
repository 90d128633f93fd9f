package compute

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxRequestBytes is the largest request that ReadRequest accepts.
const MaxRequestBytes = 64 << 20

// ReadRequest reads one request as JSON. Errors: a *FieldError that names the wrong field, or those
// of the reader.
func ReadRequest(r io.Reader) (Request, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxRequestBytes+1))
	if err != nil {
		return Request{}, fmt.Errorf("read request: %w", err)
	}
	if len(data) > MaxRequestBytes {
		return Request{}, invalid("request", fmt.Sprintf("longer than %d bytes", MaxRequestBytes))
	}
	return ParseRequest(data)
}

// ParseRequest reads one request as JSON and checks it. Unknown, duplicate and missing fields are
// errors, as are values of another type: a *FieldError names the path. Times are whole
// milliseconds.
func ParseRequest(data []byte) (Request, error) {
	root, reader := readTree(data)
	var r Request
	if reader.err == nil {
		r = parseRequest(root)
	}
	if reader.err != nil {
		return Request{}, reader.err
	}
	if err := r.Validate(); err != nil {
		return Request{}, err
	}
	return r, nil
}

func parseRequest(n node) Request {
	o := n.object()
	r := Request{Now: n.millis(o, "now_ms", true), Ready: n.texts(o, "ready")}
	if policy, ok := n.field(o, "policy", false); ok {
		fields := policy.object()
		r.Policy.AgingStep = policy.millis(fields, "aging_step_ms", false)
		r.Policy.ReserveAfter = policy.millis(fields, "reserve_after_ms", false)
		policy.done(fields)
	}
	for _, item := range n.list(o, "budgets", true) {
		r.Budgets = append(r.Budgets, parseBudget(item))
	}
	for _, item := range n.list(o, "stations", false) {
		r.Stations = append(r.Stations, parseStation(item))
	}
	for _, item := range n.list(o, "held", false) {
		r.Held = append(r.Held, parseHeld(item))
	}
	for _, item := range n.list(o, "jobs", true) {
		r.Jobs = append(r.Jobs, parseJob(item))
	}
	n.done(o)
	return r
}

func parsePool(n node, o *object) Pool {
	return Pool{Silicon: named(n, o, "silicon", ParseSilicon), Provider: n.text(o, "provider", false)}
}

// named reads a required name from a closed set.
func named[T any](n node, o *object, field string, parse func(string) (T, error)) T {
	var zero T
	text := n.text(o, field, true)
	if n.reader.err != nil {
		return zero
	}
	value, err := parse(text)
	var wrong *FieldError
	if errors.As(err, &wrong) {
		n.reader.fail(child(n.path, field), wrong.Problem)
	}
	return value
}

func parseBudget(n node) Budget {
	o := n.object()
	budget := Budget{
		Pool: parsePool(n, o), Slots: n.integer(o, "slots", true), Units: n.integer(o, "units", true), Bytes: n.integer(o, "bytes", false),
	}
	n.done(o)
	return budget
}

func parseStation(n node) StationBudget {
	o := n.object()
	station := StationBudget{Name: n.text(o, "name", true), Slots: n.integer(o, "slots", true)}
	n.done(o)
	return station
}

func parseCost(n node, o *object) Cost {
	value, ok := n.field(o, "cost", true)
	if !ok {
		return Cost{}
	}
	fields := value.object()
	cost := Cost{Units: value.integer(fields, "units", true), Bytes: value.integer(fields, "bytes", false)}
	value.done(fields)
	return cost
}

func parseHeld(n node) Held {
	o := n.object()
	held := Held{
		Artifact: n.text(o, "artifact", true), Pool: parsePool(n, o), Cost: parseCost(n, o), At: n.texts(o, "at"),
		Done: n.truth(o, "done"), Pinned: n.truth(o, "pinned"),
	}
	n.done(o)
	return held
}

func parseJob(n node) Job {
	o := n.object()
	job := Job{
		ID: n.text(o, "id", true), Artifact: n.text(o, "artifact", true),
		Class: named(n, o, "class", ParseClass), Pool: parsePool(n, o), Holder: n.text(o, "holder", true),
		Cost: parseCost(n, o), At: n.texts(o, "at"), Needs: n.texts(o, "needs"),
		Created: n.millis(o, "created_at_ms", true), StaleAfter: n.millis(o, "stale_after_ms", false),
		Perishable: n.truth(o, "perishable"),
	}
	priority := n.integer(o, "priority", false)
	if priority < -maxPriority || priority > maxPriority {
		n.reader.fail(child(n.path, "priority"), fmt.Sprintf("%d is outside %d to %d", priority, -maxPriority, maxPriority))
	}
	job.Priority = int(priority)
	n.done(o)
	return job
}

// The JSON form of a request, for writing. Reading goes through ParseRequest.
type (
	requestJSON struct {
		Now      int64           `json:"now_ms"`
		Policy   *policyJSON     `json:"policy,omitempty"`
		Ready    []string        `json:"ready,omitempty"`
		Budgets  []Budget        `json:"budgets"`
		Stations []StationBudget `json:"stations,omitempty"`
		Held     []heldJSON      `json:"held,omitempty"`
		Jobs     []jobJSON       `json:"jobs"`
	}
	policyJSON struct {
		AgingStep    int64 `json:"aging_step_ms,omitempty"`
		ReserveAfter int64 `json:"reserve_after_ms,omitempty"`
	}
	heldJSON struct {
		Artifact string `json:"artifact"`
		Pool
		Cost   Cost     `json:"cost"`
		At     []string `json:"at,omitempty"`
		Done   bool     `json:"done,omitempty"`
		Pinned bool     `json:"pinned,omitempty"`
	}
	jobJSON struct {
		ID       string `json:"id"`
		Artifact string `json:"artifact"`
		Class    Class  `json:"class"`
		Pool
		Holder     string   `json:"holder"`
		Priority   int      `json:"priority,omitempty"`
		Cost       Cost     `json:"cost"`
		At         []string `json:"at,omitempty"`
		Needs      []string `json:"needs,omitempty"`
		Created    int64    `json:"created_at_ms"`
		StaleAfter int64    `json:"stale_after_ms,omitempty"`
		Perishable bool     `json:"perishable,omitempty"`
	}
)

// MarshalJSON writes the form that ParseRequest reads. Times are cut to whole milliseconds.
func (r Request) MarshalJSON() ([]byte, error) {
	out := requestJSON{Now: r.Now.Milliseconds(), Ready: r.Ready, Budgets: r.Budgets, Stations: r.Stations, Jobs: make([]jobJSON, len(r.Jobs))}
	if out.Budgets == nil {
		out.Budgets = []Budget{}
	}
	if r.Policy != (Policy{}) {
		out.Policy = &policyJSON{r.Policy.AgingStep.Milliseconds(), r.Policy.ReserveAfter.Milliseconds()}
	}
	for _, held := range r.Held {
		out.Held = append(out.Held, heldJSON(held))
	}
	for i, j := range r.Jobs {
		out.Jobs[i] = jobJSON{
			ID: j.ID, Artifact: j.Artifact, Class: j.Class, Pool: j.Pool, Holder: j.Holder, Priority: j.Priority, Cost: j.Cost,
			At: j.At, Needs: j.Needs, Created: j.Created.Milliseconds(), StaleAfter: j.StaleAfter.Milliseconds(), Perishable: j.Perishable,
		}
	}
	return json.Marshal(out)
}
