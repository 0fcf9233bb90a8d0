// Package decryption is a trustee's answer to a decryption request: it checks
// the whole record for itself, and decrypts the sums of the plan and nothing
// else (docs/spec/record.md, Sections 7.3 and 7.4).
package decryption

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/record"
)

// Options configures Check. The zero value is one worker and no progress.
type Options struct {
	Workers  int
	Progress func(done, total int64) // in ballots

	// Random, crypto/rand.Reader, lets many ballots be verified at a time.
	Random io.Reader
}

// A Request is a decryption request that was checked: every ballot behind it is
// proved and every sum is right.
type Request struct {
	Election   *record.Election
	Ceremony   *record.Ceremony
	Aggregates *record.Aggregates
	Hash       record.Hash // of the file

	manifest []byte
}

// Check checks everything behind the request in a record that is complete up to
// aggregates.json. An error about stations, ballots or sums is Problems: all
// there are.
func Check(fsys fs.FS, o Options) (*Request, error) {
	r := new(Request)
	var err error
	if r.manifest, err = record.ReadFile(fsys, record.ManifestFile, record.MaxDocument); err != nil {
		return nil, err
	}
	if r.Election, err = record.ReadElection(fsys); err != nil {
		return nil, err
	}
	if r.Ceremony, err = record.ReadCeremony(fsys, len(r.Election.Manifest.Trustees)); err != nil {
		return nil, err
	}
	if err := r.checkKey(); err != nil {
		return nil, err
	}
	file, err := record.ReadFile(fsys, record.AggregatesFile, record.MaxDocument)
	if err != nil {
		return nil, err
	}
	signed, err := record.ParseSigned[record.Aggregates](file)
	if err != nil {
		return nil, err
	}
	r.Aggregates, r.Hash = &signed.Body, record.FileHash(file)
	p := newPass(r.Election, fsys, o)
	p.run(signed.Body.Missing)
	if len(p.problems) == 0 {
		p.problems = record.CheckAggregates(r.Election, signed, p.cast, p.sums)
	}
	if len(p.problems) > 0 {
		return nil, Problems(p.problems)
	}
	return r, nil
}

// Problems is everything that is wrong with a record.
type Problems []error

func (p Problems) Error() string { return errors.Join(p...).Error() }

// Unwrap returns the problems.
func (p Problems) Unwrap() []error { return p }

// checkKey recomputes the joint key from the transcript.
func (r *Request) checkKey() error {
	j, err := keygen.JointKey(r.manifest, r.Ceremony)
	if err != nil {
		return err
	}
	want, err := record.Marshal(j)
	if err != nil {
		return err
	}
	if record.ElectionID(r.manifest, want) != r.Election.ID {
		return errors.New("joint key: not what the transcript gives")
	}
	return nil
}

// A Line is what one aggregate's decryption will tell: the counts of these
// stations together.
type Line struct {
	Aggregate string
	Stations  int
	Cast      uint64
}

// Lines lists what Answer would decrypt, for a person to look at before.
func (r *Request) Lines() []Line {
	var lines []Line
	for _, a := range r.Aggregates.Aggregates {
		lines = append(lines, Line{a.ID, len(a.Stations), a.Cast})
	}
	return lines
}

// Answer decrypts every aggregate of a checked request with the trustee's
// share, and proves it. answered is the hash of the request that this trustee
// has answered before for this election, if any: another one is refused,
// because the difference of two sums can be one ballot.
func (r *Request) Answer(random io.Reader, secret keygen.SecretTrustee, answered *record.Hash) (*record.Signed[record.Decryption], error) {
	if answered != nil && *answered != r.Hash {
		return nil, ErrAnswered
	}
	seat, err := secret.Sit(r.manifest)
	if err != nil {
		return nil, err
	}
	share, err := seat.Share(r.Ceremony)
	if err != nil {
		return nil, err
	}
	i := seat.Number()
	public := group.MulBase(share.Reveal())
	if !public.Equal(r.Election.JointKey.PublicShares[i-1]) {
		return nil, errors.New("this trustee's share does not fit the joint key")
	}
	d := &record.Signed[record.Decryption]{Body: record.Decryption{Election: r.Election.ID, Trustee: i, Aggregates: r.Hash}}
	for _, a := range r.Aggregates.Aggregates {
		answer, err := decrypt(random, r.Election, a, i, share, public)
		if err != nil {
			return nil, err
		}
		d.Body.Answers = append(d.Body.Answers, answer)
	}
	return d, d.Sign(record.SignerTrustee(i), seat.Key())
}

func decrypt(random io.Reader, e *record.Election, a record.Aggregate, i int, share group.Secret, public group.Element) (record.PartialAnswer, error) {
	answer := record.PartialAnswer{Aggregate: a.ID}
	for _, row := range a.Sums {
		var ms []group.Element
		for _, c := range row {
			ms = append(ms, threshold.PartialDecrypt(share, c))
		}
		answer.Partials = append(answer.Partials, ms)
	}
	bases, answers, err := record.Pair(a, answer)
	if err != nil {
		return answer, err
	}
	answer.Proof, err = group.ProveEquality(random, record.DecryptionTag(e.ID, i, a.ID), share, public, bases, answers)
	if err != nil {
		return answer, fmt.Errorf("aggregate %q: %w", a.ID, err)
	}
	return answer, nil
}
