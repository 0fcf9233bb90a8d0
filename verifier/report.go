package verifier

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/openreferendum/referendum/record"
)

// A Failure is one thing wrong with the record.
type Failure struct {
	Check string `json:"check"` // such as "V07"
	Where string `json:"where"` // such as "station 09007-010-0001-0001, ballot 17"
	Why   string `json:"why"`
}

// A CheckResult says how a check ended.
type CheckResult struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Status string `json:"status"` // Passed, Failed, NotRun or NotAsked
	Done   int64  `json:"done"`   // things looked at
	Of     string `json:"of"`     // what these are: "ballots"
	Failed int64  `json:"failed"` // failures, also those not listed
}

// A Report is what Verify found. Its JSON is stable: docs/observers/verify.md.
type Report struct {
	Verifies bool          `json:"verifies"` // the whole record
	Part     *Part         `json:"part,omitempty"`
	Election record.Hash   `json:"election,omitzero"`
	Kind     string        `json:"kind,omitempty"`
	Stations int           `json:"stations"`
	Missing  []string      `json:"missing,omitempty"`
	Ballots  int64         `json:"ballots"`
	Software []Software    `json:"software,omitempty"` // by hash
	Checks   []CheckResult `json:"checks"`
	Failures []Failure     `json:"failures,omitempty"`

	// Result is what the record says was decided. It is there only if the whole
	// record verifies.
	Result *record.Result `json:"result,omitempty"`

	Manifest *record.Manifest `json:"-"` // if V01 passed
}

// Software is one program that stations say they ran.
type Software struct {
	Hash     record.Hash `json:"hash"`
	Stations int         `json:"stations"`
}

// MaxFailures is how many failures of one check are listed; all are counted.
const MaxFailures = 100

// OK reports whether every check that was asked for ran and none failed.
func (r *Report) OK() bool { return r.Verifies || r.Part != nil && r.Part.Holds }

// tally collects outcomes from several goroutines.
type tally struct {
	mu       sync.Mutex
	done     map[string]int64
	ran      map[string]bool
	skipped  map[string]bool
	unasked  map[string]bool
	failed   map[string]int64
	failures map[string][]Failure // the first MaxFailures of each check, in order
}

func newTally() *tally {
	return &tally{
		done: map[string]int64{}, ran: map[string]bool{}, skipped: map[string]bool{}, unasked: map[string]bool{},
		failed: map[string]int64{}, failures: map[string][]Failure{},
	}
}

// count says that a check ran and looked at n things. Nothing to look at is not
// the same as not having looked: an empty box is counted with 0.
func (t *tally) count(check string, n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done[check] += n
	t.ran[check] = true
}

// fail records a failure. Those listed are the first in order, not in time, so
// that reports of one record are equal, however the goroutines ran.
func (t *tally) fail(check, where, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed[check]++
	f := Failure{check, where, fmt.Sprintf(format, args...)}
	list := t.failures[check]
	at, _ := slices.BinarySearchFunc(list, f, inOrder)
	list = slices.Insert(list, at, f)
	t.failures[check] = list[:min(len(list), MaxFailures)]
}

// see counts one thing, and the failure if err is not nil. It returns whether
// the thing was right.
func (t *tally) see(check, where string, err error) bool {
	t.count(check, 1)
	if err != nil {
		t.fail(check, where, "%v", err)
	}
	return err == nil
}

// failAll records failures at one place.
func (t *tally) failAll(check, where string, errs []error) {
	for _, err := range errs {
		t.fail(check, where, "%v", err)
	}
}

// skip says that checks could not run at least in part.
func (t *tally) skip(checks ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range checks {
		t.skipped[c] = true
	}
}

// notAsked says that checks are not those of a part.
func (t *tally) notAsked(checks ...string) {
	for _, c := range checks {
		t.unasked[c] = true
	}
}

// report writes the outcome of every check, in order.
func (t *tally) report(r *Report) *Report {
	holds := true
	for _, c := range Checks {
		result := CheckResult{ID: c.ID, Title: c.Title, Status: Passed, Done: t.done[c.ID], Of: c.Of, Failed: t.failed[c.ID]}
		switch {
		case result.Failed > 0:
			result.Status = Failed
		case t.unasked[c.ID]:
			result.Status = NotAsked
		case t.skipped[c.ID] || !t.ran[c.ID]:
			result.Status = NotRun
		}
		holds = holds && (result.Status == Passed || result.Status == NotAsked)
		r.Checks = append(r.Checks, result)
		r.Failures = append(r.Failures, t.failures[c.ID]...)
	}
	if r.Part != nil {
		r.Part.Holds = holds
	}
	if r.Verifies = holds && r.Part == nil; !r.Verifies {
		r.Result = nil
	}
	return r
}

// inOrder sorts the failures of one check: by place, with numbers as numbers.
func inOrder(a, b Failure) int {
	return cmp.Or(natural(a.Where, b.Where), cmp.Compare(a.Why, b.Why))
}

// natural compares texts so that "ballot 2" stands before "ballot 10".
func natural(a, b string) int {
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x > 0 && y > 0 {
			m, n := a[:x], b[:y]
			if c := cmp.Or(cmp.Compare(x, y), cmp.Compare(m, n)); c != 0 {
				return c
			}
			a, b = a[x:], b[y:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits returns how many digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}
