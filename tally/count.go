package tally

import (
	"crypto"
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/record"
)

// ErrKey is returned when what was signed does not verify with the manifest's
// key of the authority. The program says that it is the wrong key file.
var ErrKey = errors.New("this is not the authority's key of the manifest")

// ErrTooSmall is returned when so few ballots are left without the missing
// stations that their sum would tell how somebody voted. In a whole nation that
// is what the law publishes anyway; without stations it is somebody's doing.
var ErrTooSmall = errors.New("without the missing stations, too few ballots are left to be decrypted together")

// Request puts together what is to be decrypted.
func Request(e *record.Election, cast map[string]uint32, sums map[string]*record.Sum) (record.Aggregates, error) {
	a := record.NewAggregates(e, cast, sums)
	for _, g := range a.Aggregates {
		if few := uint64(e.Manifest.PrivacyThreshold); len(a.Missing) > 0 && g.Cast < few {
			return record.Aggregates{}, fmt.Errorf("aggregate %q: %w: %d, needed are %d", g.ID, ErrTooSmall, g.Cast, few)
		}
	}
	return a, nil
}

// Aggregate is Request, signed.
func Aggregate(e *record.Election, cast map[string]uint32, sums map[string]*record.Sum, authority crypto.Signer) (*record.Signed[record.Aggregates], error) {
	body, err := Request(e, cast, sums)
	if err != nil {
		return nil, err
	}
	a := &record.Signed[record.Aggregates]{Body: body}
	if err := Sign(e, a, authority); err != nil {
		return nil, err
	}
	if err := a.Validate(); err != nil {
		return nil, fmt.Errorf("aggregates: %w", err)
	}
	return a, nil
}

// A signable document is one that the authority signs.
type signable interface {
	Sign(signer string, key crypto.Signer) error
	CheckOnly(required ...record.Required) error
}

// Sign signs a document with the authority's key, and checks the signature with
// the key of the manifest. The check is before anything is written: what is
// signed with a wrong key could not be taken back, as nothing is overwritten.
func Sign(e *record.Election, d signable, authority crypto.Signer) error {
	if err := d.Sign(record.SignerAuthority, authority); err != nil {
		return err
	}
	if err := CheckAuthority(e, d); err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	return nil
}

// CheckAuthority reports whether the authority, and nobody else, signed a
// document.
func CheckAuthority(e *record.Election, d signable) error {
	return d.CheckOnly(record.Required{Signer: record.SignerAuthority, Key: e.Manifest.Authority})
}

// Outcome combines checked answers and decides every question. It needs the
// answers of at least t different trustees.
func Outcome(e *record.Election, a *record.Aggregates, answers []*record.Decryption) (record.Result, error) {
	different := map[int]bool{}
	for _, d := range answers {
		if different[d.Trustee] {
			return record.Result{}, fmt.Errorf("deciding: two answers of trustee %d", d.Trustee)
		}
		different[d.Trustee] = true
	}
	if len(different) < e.Manifest.Threshold {
		return record.Result{}, fmt.Errorf("deciding: %w: right answers of %d trustees, needed are %d", ErrTooFew, len(different), e.Manifest.Threshold)
	}
	r, err := record.ComputeResult(e, a, answers)
	if err != nil {
		return record.Result{}, fmt.Errorf("deciding: %w", err)
	}
	return r, nil
}

// ErrTooFew is returned while fewer than t trustees have answered. The program
// says to wait for more.
var ErrTooFew = errors.New("too few trustees have answered")

// Decide is Outcome, signed.
func Decide(e *record.Election, a *record.Aggregates, answers []*record.Decryption, authority crypto.Signer) (*record.Signed[record.Result], error) {
	body, err := Outcome(e, a, answers)
	if err != nil {
		return nil, err
	}
	r := &record.Signed[record.Result]{Body: body}
	return r, Sign(e, r, authority)
}
