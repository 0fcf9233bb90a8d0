package e2etest

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/openreferendum/referendum/ceremonies/decryption"
	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
	"github.com/openreferendum/referendum/station/stationtest"
	"github.com/openreferendum/referendum/tally/office"
	"github.com/openreferendum/referendum/verifier"
)

// An election is a referendum of one station, after its key ceremony, with
// everything that it takes to count it.
type election struct {
	world     *stationtest.World
	ceremony  fstest.MapFS
	authority provisioning.SecretKey
	trustees  []keygen.SecretTrustee
}

// newElection plays the ceremony of a referendum whose polls open at a time.
func newElection(t testing.TB, kind string, voters int, opens time.Time) *election {
	t.Helper()
	newKey := func() provisioning.SecretKey {
		key, err := provisioning.GenerateKey(rand.Reader)
		must(t, err)
		return key
	}
	e := &election{
		ceremony: fstest.MapFS{}, authority: newKey(),
		world: &stationtest.World{Key: newKey().Signer(), Authority: stationtest.NewAuthority("Test eID Authority")},
	}
	for range 3 {
		e.world.Officials = append(e.world.Officials, newKey().Signer())
	}
	e.keyCeremony(t, e.manifest(kind, uint32(voters), opens))
	var holders []string
	for i := range voters {
		holders = append(holders, stationtest.HolderOf(i))
		e.world.Cards = append(e.world.Cards, e.world.Authority.Issue(holders[i], kiosktest.Validity))
	}
	var err error
	e.world.Roll, err = provisioning.Roll(e.world.Election, stationtest.Station, holders, e.authority)
	must(t, err)
	return e
}

func three(zh, en, id string) record.Text { return record.Text{"zh-Hant": zh, "en": en, "id": id} }

func public(k ed25519.PrivateKey) record.Key { return record.Key(k.Public().(ed25519.PublicKey)) }

// manifest has three papers in three languages.
func (e *election) manifest(kind string, registered uint32, opens time.Time) *record.Manifest {
	opens = opens.UTC().Truncate(time.Hour)
	m := &record.Manifest{
		Version: record.Version, Kind: kind, Title: three("測試公民投票", "A test referendum", "Referendum percobaan"), Languages: []string{"zh-Hant", "en", "id"},
		Opens: opens.Format(time.RFC3339), Closes: opens.Add(10 * time.Hour).Format(time.RFC3339), PrivacyThreshold: 2, Threshold: 2,
		Authority: e.authority.Public(), CardAuthorities: []record.Hash{e.world.Authority.Hash()},
		Districts: []record.District{{ID: "nation", Name: three("全國", "The nation", "Seluruh negeri")}},
		Stations: []record.Station{{
			ID: stationtest.Station, Name: three("第一投票所", "Polling station 1", "Tempat pemungutan suara 1"), District: "nation",
			Registered: registered, Key: public(e.world.Key),
		}},
	}
	for _, k := range e.world.Officials {
		m.Stations[0].Officials = append(m.Stations[0].Officials, public(k))
	}
	for i, text := range []record.Text{
		three("您是否同意每週日全天開放公園內的腳踏車道？", "Do you agree that the bicycle paths in the parks be open all day on Sundays?", "Setujukah Anda jalur sepeda di taman dibuka sepanjang hari Minggu?"),
		three("您是否同意圖書館每日開放至夜間十時？", "Do you agree that libraries be open until ten at night every day?", "Setujukah Anda perpustakaan buka sampai pukul sepuluh malam setiap hari?"),
		three("您是否同意在市場設置飲水機？", "Do you agree that drinking fountains be put up in the markets?", "Setujukah Anda air minum disediakan di pasar?"),
	} {
		m.Questions = append(m.Questions, record.Question{
			ID: fmt.Sprintf("case-%d", i+1), Text: text,
			Title:    three(fmt.Sprintf("第%d案", i+1), fmt.Sprintf("Case %d", i+1), fmt.Sprintf("Kasus %d", i+1)),
			Proposer: three("測試領銜人", "Test proposer", "Pengusul percobaan"),
			Options: []record.Option{
				{ID: "agree", Label: three("同意", "agree", "setuju"), Kind: record.ValidOption},
				{ID: "disagree", Label: three("不同意", "disagree", "tidak setuju"), Kind: record.ValidOption},
				{ID: "blank", Label: three("空白", "left blank", "kosong"), Kind: record.BlankOption},
			},
			Rule: rules.Article29("agree", "disagree"),
		})
	}
	return m
}

// keyCeremony lets two trustees make the joint key.
func (e *election) keyCeremony(t testing.TB, m *record.Manifest) {
	t.Helper()
	c := new(record.Ceremony)
	for i := range m.Threshold {
		secret, err := keygen.Generate(rand.Reader)
		must(t, err)
		enrolment, err := secret.Enrol(fmt.Sprintf("Trustee %d", i+1))
		must(t, err)
		e.trustees, c.Enrolments = append(e.trustees, secret), append(c.Enrolments, *enrolment)
		m.Trustees = append(m.Trustees, record.Trustee{Name: enrolment.Body.Name, SigningKey: enrolment.Body.SigningKey, EncryptionKey: enrolment.Body.EncryptionKey})
		e.publish(t, record.EnrolmentFile(int(i)+1), enrolment)
	}
	must(t, m.Validate())
	e.publish(t, record.ManifestFile, m)
	manifest := e.ceremony[record.ManifestFile].Data
	var seats []*keygen.Seat
	for _, secret := range e.trustees {
		s, err := secret.Sit(manifest)
		must(t, err)
		d, err := s.Commit()
		must(t, err)
		seats, c.Commitments = append(seats, s), append(c.Commitments, *d)
		e.publish(t, record.CommitmentFile(s.Number()), d)
	}
	for _, s := range seats {
		d, err := s.Reveal(c.Commitments)
		must(t, err)
		c.Reveals = append(c.Reveals, *d)
		e.publish(t, record.RevealFile(s.Number()), d)
	}
	for _, s := range seats {
		d, err := s.Confirm(c)
		must(t, err)
		c.Confirmations = append(c.Confirmations, *d)
		e.publish(t, record.ConfirmationFile(s.Number()), d)
	}
	joint, err := keygen.JointKey(manifest, c)
	must(t, err)
	e.publish(t, record.JointKeyFile, joint)
	e.world.Election, err = record.ReadElection(e.ceremony)
	must(t, err)
}

func (e *election) publish(t testing.TB, name string, v any) {
	t.Helper()
	b, err := record.Marshal(v)
	must(t, err)
	e.ceremony[name] = &fstest.MapFile{Data: b, Mode: 0o644}
}

// count takes the station's bundle from a medium to the published record, and
// returns the result of the record that verifies.
func (e *election) count(t testing.TB, medium string) (*record.Result, record.Counts) {
	t.Helper()
	dir := t.TempDir()
	ceremony := filepath.Join(dir, "ceremony")
	must(t, os.CopyFS(ceremony, e.ceremony))
	o, err := office.Begin(ceremony, filepath.Join(dir, "record"))
	must(t, err)
	bundle, err := o.Import(filepath.Join(medium, stationtest.Station), nil)
	must(t, err)
	_, err = o.Aggregate(e.authority.Signer(), false, 2, nil)
	must(t, err)
	for _, trustee := range e.trustees {
		request, err := decryption.Check(o.FS(), decryption.Options{})
		must(t, err)
		answer, err := request.Answer(rand.Reader, trustee, nil)
		must(t, err)
		b, err := record.Marshal(answer)
		must(t, err)
		_, err = o.Accept(b)
		must(t, err)
	}
	result, err := o.Publish(e.authority.Signer())
	must(t, err)
	report := verifier.Verify(o.FS(), verifier.Options{Workers: 2, Election: &e.world.Election.ID})
	if !report.OK() {
		t.Fatalf("the record does not verify: %v", report.Failures)
	}
	return result, bundle.Closing.Counts
}
