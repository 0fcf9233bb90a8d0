package keygen

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
)

// stream is an endless string of bytes that follows from a seed.
type stream struct {
	seed string
	n    uint64
	rest []byte
}

func random(seed string) io.Reader { return &stream{seed: seed} }

func (s *stream) Read(b []byte) (int, error) {
	for i := range b {
		if len(s.rest) == 0 {
			h := sha512.Sum512(binary.BigEndian.AppendUint64([]byte(s.seed), s.n))
			s.rest, s.n = h[:], s.n+1
		}
		b[i], s.rest = s.rest[0], s.rest[1:]
	}
	return len(b), nil
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func someKey(name string) record.Key {
	seed := sha256.Sum256([]byte(name))
	return record.Key(ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
}

// newManifest makes the manifest of a small referendum with these trustees.
func newManifest(secrets []SecretTrustee, quorum int) *record.Manifest {
	text := func(s string) record.Text { return record.Text{"en": s} }
	m := &record.Manifest{
		Version: record.Version, Kind: record.Live, Title: text("A referendum"), Languages: []string{"en"},
		Opens: "2021-12-18T00:00:00Z", Closes: "2021-12-18T08:00:00Z", PrivacyThreshold: 2, Threshold: quorum,
		Authority: someKey("authority"), CardAuthorities: []record.Hash{},
		Questions: []record.Question{{
			ID: "q1", Title: text("Question"), Text: text("Text"), Proposer: text("Proposer"),
			Options: []record.Option{{ID: "agree", Label: text("agree"), Kind: record.ValidOption}, {ID: "disagree", Label: text("disagree"), Kind: record.ValidOption}},
			Rule:    rules.SimpleMajority("agree", "disagree"),
		}},
		Districts: []record.District{{ID: "nation", Name: text("The nation")}},
		Stations: []record.Station{{
			ID: "a-1", Name: text("School"), District: "nation", Registered: 3, Key: someKey("station"),
			Officials: []record.Key{someKey("official 1"), someKey("official 2")},
		}},
	}
	for i, s := range secrets {
		e := must(s.Enrol(fmt.Sprintf("Trustee %d", i+1)))
		m.Trustees = append(m.Trustees, record.Trustee{Name: e.Body.Name, SigningKey: e.Body.SigningKey, EncryptionKey: e.Body.EncryptionKey})
	}
	return m
}

// A play is a ceremony with all trustees in one place.
type play struct {
	secrets  []SecretTrustee
	seats    []*Seat
	m        *record.Manifest
	manifest []byte
	c        *record.Ceremony
}

// newPlay makes t-of-n trustees and the manifest; nobody has committed.
func newPlay(t, n int) *play {
	p := &play{c: new(record.Ceremony)}
	for i := range n {
		p.secrets = append(p.secrets, must(Generate(random(fmt.Sprint("trustee ", i+1)))))
		p.c.Enrolments = append(p.c.Enrolments, *must(p.secrets[i].Enrol(fmt.Sprintf("Trustee %d", i+1))))
	}
	p.m = newManifest(p.secrets, t)
	p.manifest = must(record.Marshal(p.m))
	for _, s := range p.secrets {
		p.seats = append(p.seats, must(s.Sit(p.manifest)))
	}
	return p
}

func (p *play) commit() {
	for _, s := range p.seats {
		p.c.Commitments = append(p.c.Commitments, *must(s.Commit()))
	}
}

func (p *play) reveal() {
	for _, s := range p.seats {
		p.c.Reveals = append(p.c.Reveals, *must(s.Reveal(p.c.Commitments)))
	}
}

func (p *play) confirm() {
	for _, s := range p.seats {
		p.c.Confirmations = append(p.c.Confirmations, *must(s.Confirm(p.c)))
	}
}

// revealed plays rounds 0 to 2 honestly, finished all of them. Equal arguments
// give equal plays, so each is played once and copied.
func revealed(t, n int) *play {
	if played[[2]int{t, n}] == nil {
		p := newPlay(t, n)
		p.commit()
		p.reveal()
		played[[2]int{t, n}] = p
	}
	return played[[2]int{t, n}].copy()
}

var played = map[[2]int]*play{} // tests of this package run one after the other

func (p *play) copy() *play {
	q := *p
	q.c = &record.Ceremony{Enrolments: slices.Clone(p.c.Enrolments), Commitments: slices.Clone(p.c.Commitments), Reveals: slices.Clone(p.c.Reveals)}
	for i := range q.c.Reveals {
		r := &q.c.Reveals[i].Body
		r.Shares = slices.Clone(r.Shares)
		for j := range r.Shares {
			r.Shares[j] = bytes.Clone(r.Shares[j])
		}
	}
	return &q
}

func finished(t, n int) *play {
	p := revealed(t, n)
	p.confirm()
	return p
}

// forge changes the reveal of trustee i and has i sign it again.
func (p *play) forge(i int, change func(r *record.Reveal)) {
	r := p.c.Reveals[i-1].Body
	r.Commitments = append([]group.Element(nil), r.Commitments...)
	r.Shares = append([]record.Bytes(nil), r.Shares...)
	r.Proofs = append(r.Proofs[:0:0], r.Proofs...)
	change(&r)
	p.c.Reveals[i-1] = record.Signed[record.Reveal]{Body: r}
	must(0, p.c.Reveals[i-1].Sign(record.SignerTrustee(i), p.seats[i-1].Key()))
}

// forgeAll is forge with a commitment that fits the changed reveal.
func (p *play) forgeAll(i int, change func(r *record.Reveal)) {
	p.forge(i, change)
	hash := p.seats[i-1].hash
	p.recommit(i, record.CommitmentDigest(hash, i, p.c.Reveals[i-1].Body.Commitments))
}

func (p *play) recommit(i int, digest record.Hash) {
	c := record.Signed[record.Commitment]{Body: record.Commitment{Manifest: p.seats[i-1].hash, Trustee: i, Digest: digest}}
	must(0, c.Sign(record.SignerTrustee(i), p.seats[i-1].Key()))
	p.c.Commitments[i-1] = c
}

// sealTo seals any share from one trustee to another, as seal does.
func (p *play) sealTo(from, to int, share group.Scalar) record.Bytes {
	hash := p.seats[from-1].hash
	return must(seal(p.m.Trustees[to-1].EncryptionKey, sealInfo(hash, from, to), share, p.secrets[from-1].derive("seal", hash, to)))
}

func (p *play) shareOf(from, to int) group.Scalar {
	return p.seats[from-1].polynomial().Share(to).Reveal()
}

// wantError fails the test unless err says exactly this.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("error:\n  %v\nwant:\n  %s", err, want)
	}
}

// joint checks a finished ceremony and returns the joint key.
func (p *play) joint(t *testing.T) *record.JointKey {
	t.Helper()
	j, err := JointKey(p.manifest, p.c)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// secretKey puts the secret half of the joint key together from some trustees'
// shares, which no program does.
func (p *play) secretKey(t *testing.T, trustees []int) group.Scalar {
	t.Helper()
	sum := group.NewScalar(0)
	for _, i := range trustees {
		share, err := p.seats[i-1].Share(p.c)
		if err != nil {
			t.Fatal(err)
		}
		sum = sum.Add(must(threshold.Lagrange(trustees, i)).Mul(share.Reveal()))
	}
	return sum
}
