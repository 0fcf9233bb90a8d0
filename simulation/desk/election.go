package desk

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
	"github.com/openreferendum/referendum/simulation/cec"
)

// Passphrase is that of every secret of a desk. It guards nothing: it lets a
// person go on by hand with the programs of the tally.
const Passphrase = "desk, not a secret"

// The election of a desk.
const (
	Station    = "09007-010-0001-0001"
	voters     = 20
	officials  = 4
	trustees   = 3
	threshold  = 2
	workFactor = 10 // scrypt's
)

var taipei = time.FixedZone("Taipei", 8*60*60)

func both(zh, en string) record.Text { return record.Text{"zh-Hant": zh, "en": en} }

// holder is the number on the card of the i-th voter, from 1. No identity card
// has it: the digit behind the letter is never 0.
func holder(i int) string { return fmt.Sprintf("A0%08d", i) }

// An election is what a desk votes about, with all its secrets.
type election struct {
	dir       string
	issuer    *issuer
	authority provisioning.SecretKey
	station   provisioning.SecretKey
	officials []provisioning.SecretKey
	record    *record.Election
}

// newElection plays the key ceremony and packs what is carried to the station.
// The folders are those of package simulation.
func newElection(dir string, now time.Time) (*election, error) {
	e := &election{dir: dir}
	var err error
	if e.issuer, err = newIssuer("Test eID Authority (desk)", now); err != nil {
		return nil, err
	}
	for _, step := range []func() error{func() error { return e.ceremony(now) }, e.pack} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("making the election: %w", err)
		}
	}
	return e, nil
}

func (e *election) path(parts ...string) string {
	return filepath.Join(append([]string{e.dir}, parts...)...)
}

func (e *election) trustee(i int) keygen.Trustee {
	return keygen.Trustee{Dir: e.path("ceremony", fmt.Sprintf("trustee-%d", i))}
}

func (e *election) exchange() keygen.Folder { return keygen.Folder(e.path("ceremony", "exchange")) }

func (e *election) ceremony(now time.Time) error {
	if err := os.MkdirAll(e.path("ceremony"), 0o700); err != nil {
		return err
	}
	requests, err := e.requestKeys()
	if err != nil {
		return err
	}
	var enrolments []record.Signed[record.Enrolment]
	for i := 1; i <= trustees; i++ {
		enrolment, err := e.trustee(i).Enrol(rand.Reader, fmt.Sprintf("Trustee %d", i), Passphrase, workFactor)
		if err != nil {
			return err
		}
		if err := e.exchange().Publish(record.EnrolmentFile(i), enrolment); err != nil {
			return err
		}
		enrolments = append(enrolments, *enrolment)
	}
	manifest, err := e.draft(now).Assemble(enrolments, requests)
	if err != nil {
		return err
	}
	if err := e.exchange().Publish(record.ManifestFile, manifest); err != nil {
		return err
	}
	if err := e.rounds(); err != nil {
		return err
	}
	e.record, err = record.ReadElection(e.exchange().FS())
	return err
}

// rounds are commit, reveal and confirm.
func (e *election) rounds() error {
	for _, step := range []func(*keygen.Desk) error{
		func(d *keygen.Desk) error { _, err := d.Commit(); return err },
		func(d *keygen.Desk) error { _, err := d.Reveal(); return err },
		func(d *keygen.Desk) error { _, _, err := d.Confirm(); return err },
	} {
		for i := 1; i <= trustees; i++ {
			secret, err := e.trustee(i).Open(Passphrase)
			if err != nil {
				return err
			}
			seat, err := e.trustee(i).Join(e.exchange(), secret)
			if err == nil {
				err = step(seat)
			}
			if err != nil {
				return fmt.Errorf("trustee %d: %w", i, err)
			}
		}
	}
	_, err := e.exchange().Finish()
	return err
}

// requestKeys makes the keys of authority, station and officials.
func (e *election) requestKeys() ([]*provisioning.KeyRequest, error) {
	var all []*provisioning.KeyRequest
	request := func(role, station, name string) (provisioning.SecretKey, error) {
		key, err := provisioning.GenerateKey(rand.Reader)
		if err != nil {
			return key, err
		}
		q, err := provisioning.NewKeyRequest(role, station, name, key.Signer())
		all = append(all, q)
		return key, err
	}
	var errs [3]error
	e.authority, errs[0] = request(provisioning.RoleAuthority, "", "Election authority (desk)")
	e.station, errs[1] = request(provisioning.RoleStation, Station, "Machine on the desk")
	for i := range officials {
		key, err := request(provisioning.RoleOfficial, Station, fmt.Sprintf("Official %d", i+1))
		errs[2] = errors.Join(errs[2], err)
		e.officials = append(e.officials, key)
	}
	return all, errors.Join(errs[:]...)
}

// draft is the referendum of 18 December 2021 as a rehearsal of today.
func (e *election) draft(now time.Time) *provisioning.Draft {
	y, m, d := now.In(taipei).Date()
	opens := time.Date(y, m, d, 8, 0, 0, 0, taipei).UTC()
	draft := &provisioning.Draft{
		Kind: record.Rehearsal, Title: both("公民投票試用（2021年四案）", "A referendum to try out (the four cases of 2021)"), Languages: []string{"zh-Hant", "en"},
		Opens: opens.Format(time.RFC3339), Closes: opens.Add(8 * time.Hour).Format(time.RFC3339), PrivacyThreshold: 2, Threshold: threshold,
		CardAuthorities: []record.Hash{record.FileHash(e.issuer.certificate.Raw)},
		Districts:       []record.District{{ID: "nation", Name: both("全國", "The nation")}},
		Stations:        []provisioning.DraftStation{{ID: Station, Name: both("第1投票所（試用）", "Polling station 1 (on a desk)"), District: "nation", Registered: voters}},
	}
	for _, number := range []int{17, 18, 19, 20} {
		draft.Questions = append(draft.Questions, question(number))
	}
	return draft
}

func question(number int) record.Question {
	text := cec.Questions2021[number]
	return record.Question{
		ID: fmt.Sprintf("case-%d", number), Title: text.Title, Text: text.Text, Proposer: text.Proposer,
		Options: []record.Option{
			{ID: "agree", Label: both("同意", "agree"), Kind: record.ValidOption},
			{ID: "disagree", Label: both("不同意", "disagree"), Kind: record.ValidOption},
			{ID: "blank", Label: both("空白", "left blank"), Kind: record.BlankOption},
		},
		Rule: rules.Article29("agree", "disagree"),
	}
}

// pack writes the authority's key, the station's, and the package that is
// carried to the station.
func (e *election) pack() error {
	if err := provisioning.WriteKey(e.path("authority.age"), e.authority, Passphrase, workFactor); err != nil {
		return err
	}
	if err := provisioning.WriteKey(e.path("station.age"), e.station, Passphrase, workFactor); err != nil {
		return err
	}
	var holders []string
	for i := range voters {
		holders = append(holders, holder(i+1))
	}
	roll, err := provisioning.Roll(e.record, Station, holders, e.authority)
	if err != nil {
		return err
	}
	b, err := record.Marshal(roll)
	if err != nil {
		return err
	}
	revoked, err := e.issuer.revocations()
	if err != nil {
		return err
	}
	packed, err := provisioning.Pack(e.exchange().FS(), Station, b, [][]byte{e.issuer.certificate.Raw}, [][]byte{revoked})
	if err != nil {
		return err
	}
	files := map[string]durable.Source{}
	for name, content := range packed {
		files[name] = durable.Content(content)
	}
	return durable.WriteFolder(e.path("package"), files, 0o600)
}
