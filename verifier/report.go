package verifier

import (
	"fmt"
	"sort"
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
	Status string `json:"status"`
	Done   int64  `json:"done"`   // things looked at
	Failed int64  `json:"failed"` // failures, also those not listed
}

// A Report is what Verify found. Its JSON is stable: docs/observers/verify.md.
type Report struct {
	Verifies bool           `json:"verifies"`
	Election record.Hash    `json:"election"`
	Kind     string         `json:"kind"`
	Stations int            `json:"stations"`
	Missing  []string       `json:"missing,omitempty"`
	Ballots  int64          `json:"ballots"`
	Checks   []CheckResult  `json:"checks"`
	Failures []Failure      `json:"failures,omitempty"`
	Result   *record.Result `json:"result,omitempty"`

	Manifest *record.Manifest `json:"-"`
}

// MaxFailures is how many failures of one check are listed; all are counted.
const MaxFailures = 100

// OK reports whether every check ran and none failed.
func (r *Report) OK() bool { return r.Verifies }

// tally collects outcomes from several goroutines.
type tally struct {
	mu       sync.Mutex
	done     map[string]int64
	failed   map[string]int64
	skipped  map[string]bool
	failures []Failure
}

func newTally() *tally {
	return &tally{done: map[string]int64{}, failed: map[string]int64{}, skipped: map[string]bool{}}
}

// count says that a check looked at n things.
func (t *tally) count(check string, n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done[check] += n
}

// fail records a failure.
func (t *tally) fail(check, where, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed[check]++
	if t.failed[check] <= MaxFailures {
		t.failures = append(t.failures, Failure{check, where, fmt.Sprintf(format, args...)})
	}
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

func (t *tally) seeAll(check, where string, errs []error) {
	t.count(check, 1)
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

// report writes the outcome of every check, in order.
func (t *tally) report(r *Report) *Report {
	r.Verifies = true
	for _, c := range Checks {
		result := CheckResult{ID: c.ID, Title: c.Title, Status: Passed, Done: t.done[c.ID], Failed: t.failed[c.ID]}
		switch {
		case result.Failed > 0:
			result.Status = Failed
		case t.skipped[c.ID] || result.Done == 0:
			result.Status = NotRun
		}
		r.Verifies = r.Verifies && result.Status == Passed
		r.Checks = append(r.Checks, result)
	}
	sort.SliceStable(t.failures, func(i, j int) bool { return less(t.failures[i], t.failures[j]) })
	r.Failures = t.failures
	return r
}

// less makes reports of one record equal, however its goroutines ran.
func less(a, b Failure) bool {
	if a.Check != b.Check {
		return a.Check < b.Check
	}
	if a.Where != b.Where {
		return a.Where < b.Where
	}
	return a.Why < b.Why
}
