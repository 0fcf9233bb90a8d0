package simulation

import (
	"fmt"
	"os"
	"time"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/record"
)

// officialsEach is how many officials of a station have a key.
const officialsEach = 3

// Ceremony is the first step: trustees enrol, all keys are made, the manifest
// is put together, and the trustees go through the rounds, each in a folder of
// its own, exchanging files.
func (r *Referendum) Ceremony() error {
	if err := r.ceremony(); err != nil {
		return fmt.Errorf("key ceremony: %w", err)
	}
	return nil
}

func (r *Referendum) ceremony() error {
	if err := os.MkdirAll(r.path("ceremony"), 0o755); err != nil {
		return err
	}
	enrolments, err := r.enrol()
	if err != nil {
		return err
	}
	requests, err := r.requestKeys()
	if err != nil {
		return err
	}
	manifest, err := r.draft().Assemble(enrolments, requests)
	if err != nil {
		return err
	}
	if err := r.Exchange().Publish(record.ManifestFile, manifest); err != nil {
		return err
	}
	if err := r.rounds(); err != nil {
		return err
	}
	r.Election, err = record.ReadElection(r.Exchange().FS())
	return err
}

func (r *Referendum) enrol() ([]record.Signed[record.Enrolment], error) {
	var all []record.Signed[record.Enrolment]
	for i := 1; i <= r.Plan.Trustees; i++ {
		e, err := r.Trustee(i).Enrol(r.Random, fmt.Sprintf("Trustee %d", i), Passphrase, workFactor)
		if err != nil {
			return nil, err
		}
		if err := r.Exchange().Publish(record.EnrolmentFile(i), e); err != nil {
			return nil, err
		}
		all = append(all, *e)
	}
	return all, nil
}

// rounds plays commit, reveal and confirm: each trustee opens its secret, joins
// with its own copy of the documents, does its step, and hands the folder on.
func (r *Referendum) rounds() error {
	for _, step := range []func(*keygen.Desk) error{
		func(d *keygen.Desk) error { _, err := d.Commit(); return err },
		func(d *keygen.Desk) error { _, err := d.Reveal(); return err },
		func(d *keygen.Desk) error { _, _, err := d.Confirm(); return err },
	} {
		for i := 1; i <= r.Plan.Trustees; i++ {
			secret, err := r.Trustee(i).Open(Passphrase)
			if err != nil {
				return fmt.Errorf("trustee %d: %w", i, err)
			}
			desk, err := r.Trustee(i).Join(r.Exchange(), secret)
			if err != nil {
				return fmt.Errorf("trustee %d: %w", i, err)
			}
			if err := step(desk); err != nil {
				return fmt.Errorf("trustee %d: %w", i, err)
			}
		}
	}
	_, err := r.Exchange().Finish()
	return err
}

// draft is what people write of the manifest.
func (r *Referendum) draft() *provisioning.Draft {
	p := r.Plan
	d := &provisioning.Draft{
		Kind: p.Kind, Title: p.Title, Languages: languages,
		Opens: p.Day.Format("2006-01-02T15:04:05Z"), Closes: p.Day.Add(8 * time.Hour).Format("2006-01-02T15:04:05Z"),
		PrivacyThreshold: p.PrivacyThreshold, Threshold: p.Threshold,
		CardAuthorities: []record.Hash{r.cards.authority.Hash()}, Questions: p.Questions, Districts: p.Districts,
	}
	for _, s := range p.Stations {
		d.Stations = append(d.Stations, provisioning.DraftStation{ID: s.ID, Name: s.Name, District: s.District, Registered: s.Registered})
	}
	return d
}

// requestKeys makes the keys of authority, stations and officials, and the
// requests for them to stand in the manifest.
func (r *Referendum) requestKeys() ([]*provisioning.KeyRequest, error) {
	var all []*provisioning.KeyRequest
	request := func(role, station, name string) (provisioning.SecretKey, error) {
		key, err := provisioning.GenerateKey(r.Random)
		if err != nil {
			return key, err
		}
		q, err := provisioning.NewKeyRequest(role, station, name, key.Signer())
		all = append(all, q)
		return key, err
	}
	var err error
	if r.authority, err = request(provisioning.RoleAuthority, "", "Election authority (simulation)"); err != nil {
		return nil, err
	}
	if err := provisioning.WriteKey(r.AuthorityFile(), r.authority, Passphrase, workFactor); err != nil {
		return nil, err
	}
	for _, s := range r.Plan.Stations {
		key, err := request(provisioning.RoleStation, s.ID, "Machine of station "+s.ID)
		if err != nil {
			return nil, err
		}
		r.keys[s.ID] = key
		for i := range officialsEach {
			key, err := request(provisioning.RoleOfficial, s.ID, fmt.Sprintf("Official %d of station %s", i+1, s.ID))
			if err != nil {
				return nil, err
			}
			r.officials[s.ID] = append(r.officials[s.ID], key)
		}
	}
	return all, nil
}
