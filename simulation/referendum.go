package simulation

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/openreferendum/referendum/ceremonies/decryption"
	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/machine"
	"github.com/openreferendum/referendum/tally/office"
)

// A Referendum is a plan that is being played, in a folder.
type Referendum struct {
	Plan    *Plan
	Dir     string
	Workers int

	trustees  []keygen.SecretTrustee
	authority provisioning.SecretKey
	keys      map[string]provisioning.SecretKey   // of stations
	officials map[string][]provisioning.SecretKey // of stations
	cards     *CardAuthority
	now       time.Time

	Election *record.Election
	Papers   map[string]*Paper
	Office   *office.Office
}

// workFactor is scrypt's in a simulation: its secrets guard nothing.
const workFactor = 12

// Passphrase is that of every secret in a simulation.
const Passphrase = "simulation, not a secret"

// New prepares to play the plan in a folder that does not exist, with voting
// machines whose clocks say now.
func New(p *Plan, dir string, workers int, now time.Time) (*Referendum, error) {
	if _, err := os.Lstat(dir); err == nil {
		return nil, fmt.Errorf("%s is there already", dir)
	}
	return &Referendum{
		Plan: p, Dir: dir, Workers: max(1, workers), now: now,
		keys: map[string]provisioning.SecretKey{}, officials: map[string][]provisioning.SecretKey{}, Papers: map[string]*Paper{},
	}, nil
}

func (r *Referendum) path(parts ...string) string {
	return filepath.Join(append([]string{r.Dir}, parts...)...)
}

func (r *Referendum) trusteeDir(i int) string { return r.path("trustees", strconv.Itoa(i)) }

// folder is trustee i's public folder of the ceremony.
func (r *Referendum) folder(i int) keygen.Folder {
	return keygen.Folder(filepath.Join(r.trusteeDir(i), "ceremony"))
}

// RecordDir is the folder of the published record.
func (r *Referendum) RecordDir() string { return r.path("record") }

// Ceremony is step 1: every trustee in a folder of its own, exchanging files.
func (r *Referendum) Ceremony() error {
	if err := r.enrol(); err != nil {
		return fmt.Errorf("key ceremony: %w", err)
	}
	manifest, err := r.manifest()
	if err != nil {
		return fmt.Errorf("key ceremony: %w", err)
	}
	for i := range r.trustees {
		if err := r.folder(i+1).Put(record.ManifestFile, manifest); err != nil {
			return fmt.Errorf("key ceremony: %w", err)
		}
	}
	if err := r.rounds(manifest); err != nil {
		return fmt.Errorf("key ceremony: %w", err)
	}
	jointKey, err := record.ReadFile(r.folder(1).FS(), record.JointKeyFile, record.MaxDocument)
	if err != nil {
		return err
	}
	r.Election, err = record.NewElection(manifest, jointKey)
	return err
}

func (r *Referendum) enrol() error {
	for i := 1; i <= r.Plan.Trustees; i++ {
		secret, err := keygen.Generate(rand.Reader)
		if err != nil {
			return err
		}
		r.trustees = append(r.trustees, secret)
		if err := os.MkdirAll(r.trusteeDir(i), 0o700); err != nil {
			return err
		}
		locked, err := keygen.Lock(secret.Export(), Passphrase, workFactor)
		if err != nil {
			return err
		}
		if err := durable.WriteFile(filepath.Join(r.trusteeDir(i), "secret.age"), locked, 0o600); err != nil {
			return err
		}
		e, err := secret.Enrol(fmt.Sprintf("Trustee %d", i))
		if err != nil {
			return err
		}
		if err := r.folder(i).Publish(record.EnrolmentFile(i), e); err != nil {
			return err
		}
	}
	return r.exchange()
}

// exchange carries files by hand: everybody receives what everybody published.
func (r *Referendum) exchange() error {
	for i := range r.trustees {
		for j := range r.trustees {
			if i != j {
				if err := r.folder(i + 1).Receive(r.folder(j + 1)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// rounds plays commit, reveal and confirm.
func (r *Referendum) rounds(manifest []byte) error {
	n := len(r.trustees)
	for _, round := range []func(f keygen.Folder, s *keygen.Seat) error{
		func(f keygen.Folder, s *keygen.Seat) error {
			c, err := s.Commit()
			if err != nil {
				return err
			}
			return f.Publish(record.CommitmentFile(s.Number()), c)
		},
		func(f keygen.Folder, s *keygen.Seat) error {
			all, err := f.Commitments(n)
			if err != nil {
				return err
			}
			c, err := s.Reveal(all)
			if err != nil {
				return err
			}
			return f.Publish(record.RevealFile(s.Number()), c)
		},
		func(f keygen.Folder, s *keygen.Seat) error {
			t, err := f.Transcript(n)
			if err != nil {
				return err
			}
			c, err := s.Confirm(t)
			if err != nil {
				return err
			}
			return f.Publish(record.ConfirmationFile(s.Number()), c)
		},
		func(f keygen.Folder, _ *keygen.Seat) error {
			_, err := f.Finish()
			return err
		},
	} {
		for i, secret := range r.trustees {
			seat, err := secret.Sit(manifest)
			if err != nil {
				return err
			}
			if err := round(r.folder(i+1), seat); err != nil {
				return fmt.Errorf("trustee %d: %w", i+1, err)
			}
		}
		if err := r.exchange(); err != nil {
			return err
		}
	}
	return nil
}

// manifest makes all keys but the trustees', and the manifest with them.
func (r *Referendum) manifest() ([]byte, error) {
	p := r.Plan
	var err error
	if r.authority, err = provisioning.GenerateKey(rand.Reader); err != nil {
		return nil, err
	}
	if r.cards, err = NewCardAuthority(r.now); err != nil {
		return nil, err
	}
	m := &record.Manifest{
		Version: record.Version, Kind: p.Kind, Title: p.Title, Languages: languages,
		Opens: "2021-12-18T00:00:00Z", Closes: "2021-12-18T08:00:00Z",
		PrivacyThreshold: p.PrivacyThreshold, Threshold: p.Threshold, Authority: r.authority.Public(),
		CardAuthorities: []record.Hash{r.cards.Hash()}, Questions: p.Questions, Districts: p.Districts,
	}
	for i := range r.trustees {
		e, err := record.ReadSigned[record.Enrolment](r.folder(1).FS(), record.EnrolmentFile(i+1))
		if err != nil {
			return nil, err
		}
		m.Trustees = append(m.Trustees, record.Trustee{Name: e.Body.Name, SigningKey: e.Body.SigningKey, EncryptionKey: e.Body.EncryptionKey})
	}
	for _, s := range p.Stations {
		place := record.Station{ID: s.ID, Name: s.Name, District: s.District, Registered: s.Registered}
		for k := range 3 {
			key, err := provisioning.GenerateKey(rand.Reader)
			if err != nil {
				return nil, err
			}
			if k == 0 {
				r.keys[s.ID], place.Key = key, key.Public()
				continue
			}
			r.officials[s.ID] = append(r.officials[s.ID], key)
			place.Officials = append(place.Officials, key.Public())
		}
		m.Stations = append(m.Stations, place)
	}
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	return record.Marshal(m)
}

// holder names the i-th voter of a station as an eID card would.
func holder(station string, i int) string { return fmt.Sprintf("SIM-%s-%06d", station, i) }

// Provision is step 2 for one station: roll, database on two media.
func (r *Referendum) provision(s StationPlan) (*durable.DB, error) {
	var holders []string
	for i := range int(s.Registered) {
		holders = append(holders, holder(s.ID, i))
	}
	roll, err := provisioning.Roll(r.Election, s.ID, holders, r.authority)
	if err != nil {
		return nil, err
	}
	for _, medium := range []string{"machine", "second-medium"} {
		if err := os.MkdirAll(r.path("stations", s.ID, medium), 0o700); err != nil {
			return nil, err
		}
	}
	db, err := durable.Create(durable.Config{
		Main: r.path("stations", s.ID, "machine", "station.db"), Mirror: r.path("stations", s.ID, "second-medium", "station.db"),
	})
	if err != nil {
		return nil, err
	}
	return db, machine.Provision(db, r.Election, s.ID, roll)
}

func (r *Referendum) start(s StationPlan, db *durable.DB, paper *Paper) (*machine.Machine, error) {
	authority, err := station.Authorities(r.Election.Manifest, [][]byte{r.cards.DER()})
	if err != nil {
		return nil, err
	}
	return machine.New(machine.Config{
		Election: r.Election, Station: s.ID, DB: db, Key: r.keys[s.ID].Signer(),
		Cards:   station.CardCheck{Election: r.Election.ID, Station: s.ID, Authorities: []*x509.Certificate(authority)},
		Printer: paper, Window: paper, Random: rand.Reader, Clock: func() time.Time { return r.now }, Software: softwareHash(),
	})
}

// Media are the folders that stand for the two removable media of the
// transport.
func (r *Referendum) Media() [2]string { return [2]string{r.path("media-a"), r.path("media-b")} }

// Vote is steps 2 to 4: every station is provisioned, opens, lets its voters
// vote, closes, and writes its bundle to two media. progress counts voters.
func (r *Referendum) Vote(progress func(done, total int64)) error {
	for _, m := range r.Media() {
		if err := os.MkdirAll(m, 0o755); err != nil {
			return err
		}
	}
	var mu sync.Mutex
	var done int64
	total := int64(r.Plan.Voters())
	tick := func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		if progress != nil {
			progress(done, total)
		}
	}
	for i := range r.Plan.Stations {
		r.Papers[r.Plan.Stations[i].ID] = NewPaper()
	}
	return r.each(func(s StationPlan) error { return r.day(s, r.Papers[s.ID], tick) })
}

// each runs f for every station with several workers and joins the errors.
func (r *Referendum) each(f func(StationPlan) error) error {
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		errs  []error
		queue = make(chan StationPlan)
	)
	for range r.Workers {
		wg.Go(func() {
			for s := range queue {
				if err := f(s); err != nil {
					mu.Lock()
					errs = append(errs, fmt.Errorf("station %s: %w", s.ID, err))
					mu.Unlock()
				}
			}
		})
	}
	for _, s := range r.Plan.Stations {
		queue <- s
	}
	close(queue)
	wg.Wait()
	return errors.Join(errs...)
}

// Count is step 5 up to the decryption request: bundles are imported, verified
// and added up. progress counts ballots.
func (r *Referendum) Count(progress func(done, total int64)) error {
	var err error
	if r.Office, err = office.Begin(string(r.folder(1)), r.RecordDir()); err != nil {
		return err
	}
	var mu sync.Mutex
	var done int64
	total := int64(r.Plan.Voters())
	tick := func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		if progress != nil {
			progress(done, total)
		}
	}
	if err := r.each(func(s StationPlan) error {
		_, err := r.Office.Import(filepath.Join(r.Media()[0], s.ID), tick)
		return err
	}); err != nil {
		return err
	}
	_, err = r.Office.Aggregate(r.authority.Signer(), false, r.Workers, nil)
	return err
}

// Decrypt is the rest of step 5: the first t trustees check the record, each
// for itself, and answer. progress counts the ballots that trustee i checked.
func (r *Referendum) Decrypt(progress func(trustee int) func(done, total int64)) error {
	for i := 1; i <= r.Plan.Threshold; i++ {
		o := decryption.Options{Workers: r.Workers}
		if progress != nil {
			o.Progress = progress(i)
		}
		request, err := decryption.Check(r.Office.FS(), o)
		if err != nil {
			return fmt.Errorf("trustee %d refuses: %w", i, err)
		}
		answer, err := request.Answer(rand.Reader, r.trustees[i-1], nil)
		if err != nil {
			return fmt.Errorf("trustee %d: %w", i, err)
		}
		b, err := record.Marshal(answer)
		if err != nil {
			return err
		}
		if err := durable.WriteFile(filepath.Join(r.trusteeDir(i), "answer.json"), b, 0o644); err != nil {
			return err
		}
		if _, err := r.Office.Accept(b); err != nil {
			return err
		}
	}
	return nil
}

// Publish is step 6: the result is decided and the record complete.
func (r *Referendum) Publish() (*record.Result, error) {
	return r.Office.Publish(r.authority.Signer())
}

// share returns how many of n voters a share is, at least one where there is
// anybody.
func share(n int, of float64) int {
	if n == 0 || of == 0 {
		return 0
	}
	return max(1, int(math.Round(float64(n)*of)))
}
