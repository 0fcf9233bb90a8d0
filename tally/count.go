package tally

import (
	"crypto"
	"fmt"

	"github.com/openreferendum/referendum/record"
)

// Aggregate signs what is to be decrypted.
func Aggregate(e *record.Election, cast map[string]uint32, sums map[string]*record.Sum, authority crypto.Signer) (*record.Signed[record.Aggregates], error) {
	a := &record.Signed[record.Aggregates]{Body: record.NewAggregates(e, cast, sums)}
	if err := a.Sign(record.SignerAuthority, authority); err != nil {
		return nil, err
	}
	if err := a.Validate(); err != nil {
		return nil, fmt.Errorf("aggregates: %w", err)
	}
	return a, nil
}

// Decide combines checked answers, decides every question, and signs the
// result. It needs the answers of at least t trustees.
func Decide(e *record.Election, a *record.Aggregates, answers []*record.Decryption, authority crypto.Signer) (*record.Signed[record.Result], error) {
	if len(answers) < e.Manifest.Threshold {
		return nil, fmt.Errorf("deciding: right answers of %d trustees, needed are %d", len(answers), e.Manifest.Threshold)
	}
	body, err := record.ComputeResult(e, a, answers)
	if err != nil {
		return nil, fmt.Errorf("deciding: %w", err)
	}
	r := &record.Signed[record.Result]{Body: body}
	return r, r.Sign(record.SignerAuthority, authority)
}
