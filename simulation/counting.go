package simulation

import (
	"fmt"
	"path/filepath"

	"github.com/openreferendum/referendum/ceremonies/decryption"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally/office"
)

// Count is the fifth step up to the decryption request: bundles are imported,
// verified and added up. progress counts ballots.
func (r *Referendum) Count(progress func(done, total int64)) error {
	var err error
	if r.Office, err = office.Begin(string(r.Exchange()), r.RecordDir()); err != nil {
		return err
	}
	tick := counter(r.Plan.Voters(), progress)
	err = r.each(r.Workers, func(s *StationPlan) error {
		_, err := r.Office.Import(filepath.Join(r.Media()[0], s.ID), tick)
		return err
	})
	if err != nil {
		return err
	}
	_, err = r.Office.Aggregate(r.authority.Signer(), false, r.Workers, nil)
	return err
}

// Decrypt is the middle of the fifth step: trustee i checks the record for
// itself and answers. progress counts the ballots it checked.
func (r *Referendum) Decrypt(i int, progress func(done, total int64)) error {
	if err := r.decrypt(i, progress); err != nil {
		return fmt.Errorf("trustee %d: %w", i, err)
	}
	return nil
}

func (r *Referendum) decrypt(i int, progress func(done, total int64)) error {
	request, err := r.checked(progress)
	if err != nil {
		return err
	}
	t := r.Trustee(i)
	secret, err := t.Open(Passphrase)
	if err != nil {
		return err
	}
	answer, err := request.Answer(r.Random, secret, nil)
	if err != nil {
		return err
	}
	if err := decryption.Remember(t.Dir, r.Election.ID, request.Hash); err != nil {
		return err
	}
	b, err := record.Marshal(answer)
	if err != nil {
		return err
	}
	if err := durable.WriteFile(filepath.Join(t.Dir, "answer.json"), b, 0o644); err != nil {
		return err
	}
	_, err = r.Office.Accept(b)
	return err
}

// checked is what a trustee finds who checks the record. In a quick rehearsal one
// checks for all.
func (r *Referendum) checked(progress func(done, total int64)) (*decryption.Request, error) {
	if r.request != nil {
		return r.request, nil
	}
	request, err := decryption.Check(r.Office.FS(), decryption.Options{Workers: r.Workers, Progress: progress, Random: r.Random})
	if err == nil && r.Quick {
		r.request = request
	}
	return request, err
}

// Publish is the end of the fifth step: the result is decided and the record
// complete.
func (r *Referendum) Publish() (*record.Result, error) {
	r.Office.Workers = r.Workers
	return r.Office.Publish(r.authority.Signer())
}
