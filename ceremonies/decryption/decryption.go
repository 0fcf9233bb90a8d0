// Package decryption is a trustee's answer to a decryption request: it checks
// the whole record for itself, and decrypts the sums of the plan and nothing
// else (docs/spec/record.md, Sections 7.3 and 7.4).
package decryption

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/record"
)

// Options configures Check. The zero value is one worker and no progress.
type Options struct {
	Workers  int
	Progress func(done, total int64) // in ballots
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
// aggregates.json. It returns all problems, as many as there are.
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
	cast, sums, problems := scanAll(r.Election, fsys, signed.Body.Missing, o)
	if len(problems) == 0 {
		problems = record.CheckAggregates(r.Election, signed, cast, sums)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return r, nil
}

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

// scanAll checks every station that is not named as missing.
func scanAll(e *record.Election, fsys fs.FS, missing []string, o Options) (map[string]uint32, map[string]*record.Sum, []error) {
	absent := map[string]bool{}
	for _, id := range missing {
		absent[id] = true
	}
	var (
		mu       sync.Mutex
		wg       sync.WaitGroup
		done     int64
		total    int64
		problems []error
		cast     = map[string]uint32{}
		sums     = map[string]*record.Sum{}
		queue    = make(chan string)
	)
	for _, s := range e.Manifest.Stations {
		total += int64(s.Registered)
	}
	tick := func() {
		if o.Progress != nil {
			mu.Lock()
			defer mu.Unlock()
			done++
			o.Progress(done, max(done, total))
		}
	}
	for range max(1, o.Workers) {
		wg.Go(func() {
			for id := range queue {
				n, sum, found := scanStation(e, fsys, id, tick)
				mu.Lock()
				cast[id], sums[id], problems = n, sum, append(problems, found...)
				mu.Unlock()
			}
		})
	}
	for _, s := range e.Manifest.Stations {
		if !absent[s.ID] {
			queue <- s.ID
		}
	}
	close(queue)
	wg.Wait()
	return cast, sums, problems
}

func scanStation(e *record.Election, fsys fs.FS, id string, tick func()) (uint32, *record.Sum, []error) {
	dir, err := fs.Sub(fsys, record.StationFile(id, "."))
	if err != nil {
		return 0, nil, []error{err}
	}
	s, problems := record.ReadStation(e, dir, id)
	if s == nil || s.Closing == nil {
		return 0, nil, name(id, problems)
	}
	scan := record.ScanBallots(e, dir, id, tick)
	problems = append(problems, s.CheckScan(scan)...)
	return s.Closing.Body.Counts.Cast, scan.Sum, name(id, problems)
}

func name(id string, problems []error) []error {
	for i := range problems {
		problems[i] = fmt.Errorf("station %q: %w", id, problems[i])
	}
	return problems
}

// Answer decrypts every aggregate of a checked request with the trustee's
// share, and proves it. answered is the hash of the request that this trustee
// has answered before for this election, if any: another one is refused,
// because the difference of two sums can be one ballot.
func (r *Request) Answer(random io.Reader, secret keygen.SecretTrustee, answered *record.Hash) (*record.Signed[record.Decryption], error) {
	if answered != nil && *answered != r.Hash {
		return nil, errors.New("this trustee has answered another request of this election before")
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
