// Package tallytest makes small referendums for the tests of the tally: several
// stations, a real key ceremony, real ballots. Everything follows from a seed,
// so that two runs are equal. It panics where it cannot go on: nothing it does
// depends on anything but its arguments.
package tallytest

import (
	"crypto/ed25519"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
	"github.com/openreferendum/referendum/station/stationtest"
)

// A Config says which referendum. The zero value is a live one.
type Config struct {
	Kind      string   // if empty, record.Live
	Seed      string   // two worlds of one seed have the same keys
	Stations  []string // ids, ascending; if nil, a-1, a-2, b-1
	Questions int      // if zero, 2
	Voters    uint32   // on every roll; if zero, 10
}

// Quorum and Trustees of every world.
const (
	Quorum   = 2
	Trustees = 3
)

// A World is a referendum after its key ceremony, with all secrets.
type World struct {
	Election  *record.Election
	Authority provisioning.SecretKey
	Trustees  []keygen.SecretTrustee
	Ceremony  fstest.MapFS // what the trustees' exchange folder holds

	seed      string
	stations  map[string]ed25519.PrivateKey
	officials map[string][]ed25519.PrivateKey
	made      int // ballots
}

// New makes a world.
func New(c Config) *World {
	if c.Kind == "" {
		c.Kind = record.Live
	}
	if c.Stations == nil {
		c.Stations = []string{"a-1", "a-2", "b-1"}
	}
	if c.Questions == 0 {
		c.Questions = 2
	}
	if c.Voters == 0 {
		c.Voters = 10
	}
	w := &World{seed: c.Seed, stations: map[string]ed25519.PrivateKey{}, officials: map[string][]ed25519.PrivateKey{}, Ceremony: fstest.MapFS{}}
	w.Authority = w.key("authority")
	m := w.manifest(c)
	for i := range Trustees {
		secret := must(keygen.Generate(stationtest.Random(fmt.Sprint(c.Seed, " trustee ", i))))
		e := must(secret.Enrol(fmt.Sprintf("Trustee %d", i+1)))
		w.Trustees = append(w.Trustees, secret)
		m.Trustees = append(m.Trustees, record.Trustee{Name: e.Body.Name, SigningKey: e.Body.SigningKey, EncryptionKey: e.Body.EncryptionKey})
		w.publish(record.EnrolmentFile(i+1), e)
	}
	check(m.Validate())
	w.publish(record.ManifestFile, m)
	w.rounds()
	w.Election = must(record.ReadElection(w.Ceremony))
	return w
}

func (w *World) key(name string) provisioning.SecretKey {
	return must(provisioning.GenerateKey(stationtest.Random(w.seed + " key of " + name)))
}

func both(s string) record.Text { return record.Text{"en": s} }

func (w *World) manifest(c Config) *record.Manifest {
	m := &record.Manifest{
		Version: record.Version, Kind: c.Kind, Title: both("A test referendum"), Languages: []string{"en"},
		Opens: "2021-12-18T00:00:00Z", Closes: "2021-12-18T08:00:00Z", PrivacyThreshold: 2, Threshold: Quorum,
		Authority: w.Authority.Public(), CardAuthorities: []record.Hash{{1}},
		Districts: []record.District{{ID: "nation", Name: both("The nation")}},
	}
	for q := range c.Questions {
		m.Questions = append(m.Questions, record.Question{
			ID: fmt.Sprintf("case-%d", q+1), Title: both(fmt.Sprintf("Case %d", q+1)), Text: both("Text"), Proposer: both("Proposer"),
			Options: []record.Option{
				{ID: "agree", Label: both("agree"), Kind: record.ValidOption},
				{ID: "disagree", Label: both("disagree"), Kind: record.ValidOption},
				{ID: "blank", Label: both("left blank"), Kind: record.BlankOption},
			},
			Rule: rules.Article29("agree", "disagree"),
		})
	}
	for _, id := range c.Stations {
		s := record.Station{ID: id, Name: both("Station " + id), District: "nation", Registered: c.Voters}
		key := w.key(id)
		w.stations[id], s.Key = key.Signer(), key.Public()
		for i := range 2 {
			key := w.key(fmt.Sprint("official ", i, " of ", id))
			w.officials[id], s.Officials = append(w.officials[id], key.Signer()), append(s.Officials, key.Public())
		}
		m.Stations = append(m.Stations, s)
	}
	return m
}

// rounds plays the ceremony.
func (w *World) rounds() {
	var seats []*keygen.Seat
	for _, secret := range w.Trustees {
		seats = append(seats, must(secret.Sit(w.Ceremony[record.ManifestFile].Data)))
	}
	c := new(record.Ceremony)
	for i := range seats {
		c.Enrolments = append(c.Enrolments, *must(record.ReadSigned[record.Enrolment](w.Ceremony, record.EnrolmentFile(i+1))))
	}
	for _, s := range seats {
		d := must(s.Commit())
		c.Commitments = append(c.Commitments, *d)
		w.publish(record.CommitmentFile(s.Number()), d)
	}
	for _, s := range seats {
		d := must(s.Reveal(c.Commitments))
		c.Reveals = append(c.Reveals, *d)
		w.publish(record.RevealFile(s.Number()), d)
	}
	for _, s := range seats {
		d := must(s.Confirm(c))
		c.Confirmations = append(c.Confirmations, *d)
		w.publish(record.ConfirmationFile(s.Number()), d)
	}
	w.publish(record.JointKeyFile, must(keygen.JointKey(w.Ceremony[record.ManifestFile].Data, c)))
}

func (w *World) publish(name string, v any) {
	w.Ceremony[name] = &fstest.MapFile{Data: must(record.Marshal(v)), Mode: 0o644}
}

// WriteCeremony writes the exchange folder.
func (w *World) WriteCeremony(dir string) error { return write(dir, w.Ceremony) }

func write(dir string, files fstest.MapFS) error {
	for name, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.Data, fs.FileMode(0o644)); err != nil {
			return err
		}
	}
	return nil
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		panic("tallytest: internal error: " + err.Error())
	}
}
