package verifier

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/openreferendum/referendum/record"
)

// outcome makes V23 to V28.
func (v *verification) outcome() {
	file, err := record.ReadFile(v.fsys, record.AggregatesFile, record.MaxDocument)
	var a *record.Signed[record.Aggregates]
	if err == nil {
		a, err = record.ParseSigned[record.Aggregates](file)
	}
	if err != nil {
		v.t.see("V23", record.AggregatesFile, err)
		return
	}
	for _, check := range []string{"V23", "V24"} {
		v.t.count(check, int64(len(a.Body.Aggregates)))
	}
	v.t.failAll("V23", record.AggregatesFile, record.CheckPlan(v.e, a, v.cast))
	if err := v.fits(&a.Body); err != nil {
		// Nothing that follows could be compared with the questions.
		v.t.fail("V24", record.AggregatesFile, "%v", err)
		return
	}
	v.t.failAll("V24", record.AggregatesFile, record.CheckSums(v.e, &a.Body, v.sums))
	answers := v.decryptions(&a.Body, record.FileHash(file))
	if err := v.bounded(&a.Body); err != nil {
		v.t.fail("V27", record.AggregatesFile, "%v", err)
		return
	}
	v.result(&a.Body, answers)
}

// fits checks that every aggregate has the manifest's questions and options.
func (v *verification) fits(a *record.Aggregates) error {
	shape := v.e.Manifest.Shape()
	for _, g := range a.Aggregates {
		if len(g.Sums) != len(shape) {
			return fmt.Errorf("aggregate %q: sums of %d questions instead of %d", g.ID, len(g.Sums), len(shape))
		}
		for q, n := range shape {
			if len(g.Sums[q]) != n {
				return fmt.Errorf("aggregate %q, question %d: sums of %d options instead of %d", g.ID, q+1, len(g.Sums[q]), n)
			}
		}
	}
	return nil
}

// bounded checks that no aggregate claims more ballots than there are: the time
// that finding its counts takes grows with the claim.
func (v *verification) bounded(a *record.Aggregates) error {
	for _, g := range a.Aggregates {
		if g.Cast > uint64(v.r.Ballots) {
			return fmt.Errorf("aggregate %q: %d ballots, the record has %d", g.ID, g.Cast, v.r.Ballots)
		}
	}
	return nil
}

// decryptions makes V25 and V26 and returns the answers that passed.
func (v *verification) decryptions(a *record.Aggregates, hash record.Hash) map[int]*record.Decryption {
	good := map[int]*record.Decryption{}
	var mu sync.Mutex
	v.each(len(v.e.Manifest.Trustees), func(i int) {
		if d := v.decryption(a, hash, i+1); d != nil {
			mu.Lock()
			defer mu.Unlock()
			good[i+1] = d
		}
	})
	if len(good) < v.e.Manifest.Threshold {
		v.t.fail("V25", "record", "right answers of %d trustees, needed are %d", len(good), v.e.Manifest.Threshold)
	}
	return good
}

// decryption makes V25 and V26 for one trustee, and returns its answer if it
// passed.
func (v *verification) decryption(a *record.Aggregates, hash record.Hash, i int) *record.Decryption {
	d, err := record.ReadSigned[record.Decryption](v.fsys, record.DecryptionFile(i))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a trustee need not answer
	}
	if err == nil {
		err = record.CheckAnswerer(v.e, a, hash, i, d)
	}
	if !v.t.see("V25", trustee(i), err) {
		v.t.skip("V26")
		return nil
	}
	if !v.t.see("V26", trustee(i), record.CheckProofs(v.e, a, i, &d.Body)) {
		return nil
	}
	return &d.Body
}

// result makes V27 and V28.
func (v *verification) result(a *record.Aggregates, answers map[int]*record.Decryption) {
	r, err := record.ReadSigned[record.Result](v.fsys, record.ResultFile)
	if err != nil {
		v.t.see("V27", record.ResultFile, err)
		return
	}
	v.t.count("V27", int64(len(a.Aggregates)))
	counts, decisions := record.CheckResult(v.e, a, answers, r)
	v.t.failAll("V27", record.ResultFile, counts)
	if len(counts) > 0 {
		return // decisions from wrong counts say nothing
	}
	v.t.count("V28", int64(len(v.e.Manifest.Questions)))
	v.t.failAll("V28", record.ResultFile, decisions)
	v.r.Result = &r.Body
}
