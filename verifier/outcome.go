package verifier

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/openreferendum/referendum/record"
)

// outcome makes V23 to V28.
func (v *verification) outcome() {
	file, err := record.ReadFile(v.fsys, record.AggregatesFile, record.MaxDocument)
	var a *record.Signed[record.Aggregates]
	if err == nil {
		a, err = record.ParseSigned[record.Aggregates](file)
	}
	if !v.t.see("V23", record.AggregatesFile, err) {
		v.t.skip("V24", "V25", "V26", "V27", "V28")
		return
	}
	v.t.seeAll("V23", record.AggregatesFile, record.CheckPlan(v.e, a, v.cast))
	v.t.seeAll("V24", record.AggregatesFile, record.CheckSums(v.e, &a.Body, v.sums))
	v.result(&a.Body, v.decryptions(&a.Body, record.FileHash(file)))
}

// decryptions makes V25 and V26 and returns the answers that passed.
func (v *verification) decryptions(a *record.Aggregates, hash record.Hash) map[int]*record.Decryption {
	good := map[int]*record.Decryption{}
	for i := 1; i <= len(v.e.Manifest.Trustees); i++ {
		where := fmt.Sprintf("trustee %d", i)
		d, err := record.ReadSigned[record.Decryption](v.fsys, record.DecryptionFile(i))
		if errors.Is(err, fs.ErrNotExist) {
			continue // a trustee need not answer
		}
		if err == nil {
			err = record.CheckAnswerer(v.e, a, hash, i, d)
		}
		if !v.t.see("V25", where, err) {
			v.t.skip("V26")
			continue
		}
		if v.t.see("V26", where, record.CheckProofs(v.e, a, i, &d.Body)) {
			good[i] = &d.Body
		}
	}
	if len(good) < v.e.Manifest.Threshold {
		v.t.fail("V25", "record", "%d right answers of trustees, needed are %d", len(good), v.e.Manifest.Threshold)
	}
	return good
}

// result makes V27 and V28.
func (v *verification) result(a *record.Aggregates, answers map[int]*record.Decryption) {
	r, err := record.ReadSigned[record.Result](v.fsys, record.ResultFile)
	if !v.t.see("V27", record.ResultFile, err) {
		v.t.skip("V28")
		return
	}
	counts, decisions := record.CheckResult(v.e, a, answers, r)
	v.t.seeAll("V27", record.ResultFile, counts)
	v.t.seeAll("V28", record.ResultFile, decisions)
	if len(counts) > 0 {
		v.t.skip("V28")
		return
	}
	v.r.Result = &r.Body
}
