package ceremonytest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
)

// SigningKey is the key that follows from a name.
func SigningKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("signing key " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Public is the public half of a signing key.
func Public(k ed25519.PrivateKey) record.Key { return record.Key(k.Public().(ed25519.PublicKey)) }

// NewKeys makes the keys of the authority and of stations with two officials.
func NewKeys(stations ...string) Keys {
	k := Keys{SigningKey("authority"), map[string]ed25519.PrivateKey{}, map[string][]ed25519.PrivateKey{}}
	for _, id := range stations {
		k.Stations[id] = SigningKey("station " + id)
		for i := range 2 {
			k.Officials[id] = append(k.Officials[id], SigningKey(fmt.Sprintf("official %d of %s", i+1, id)))
		}
	}
	return k
}

// Secret is the secret of trustee i.
func Secret(i int) keygen.SecretTrustee {
	s, err := keygen.Generate(Random(fmt.Sprint("trustee ", i)))
	if err != nil {
		panic("ceremonytest: internal error: " + err.Error())
	}
	return s
}

func text(s string) record.Text { return record.Text{"en": s} }

// Manifest makes the manifest of a small referendum with quorum of n trustees:
// these stations in one district, 10 voters each, a privacy threshold of 3.
func (k Keys) Manifest(quorum, n, questions int, stations ...string) (*record.Manifest, error) {
	m := &record.Manifest{
		Version: record.Version, Kind: record.Live, Title: text("A test referendum"), Languages: []string{"en"},
		Opens: "2021-12-18T00:00:00Z", Closes: "2021-12-18T08:00:00Z", PrivacyThreshold: 3, Threshold: quorum,
		Authority: Public(k.Authority), CardAuthorities: []record.Hash{},
		Districts: []record.District{{ID: "nation", Name: text("The nation")}},
	}
	for i := range n {
		e, err := Secret(i + 1).Enrol(fmt.Sprintf("Trustee %d", i+1))
		if err != nil {
			return nil, err
		}
		m.Trustees = append(m.Trustees, record.Trustee{Name: e.Body.Name, SigningKey: e.Body.SigningKey, EncryptionKey: e.Body.EncryptionKey})
	}
	for i := range questions {
		m.Questions = append(m.Questions, question(fmt.Sprint("q", i+1)))
	}
	for _, id := range stations {
		s := record.Station{ID: id, Name: text("Station " + id), District: "nation", Registered: 10, Key: Public(k.Stations[id])}
		for _, o := range k.Officials[id] {
			s.Officials = append(s.Officials, Public(o))
		}
		m.Stations = append(m.Stations, s)
	}
	return m, nil
}

func question(id string) record.Question {
	return record.Question{
		ID: id, Title: text("Title of " + id), Text: text("Text of " + id), Proposer: text("Proposer"),
		Options: []record.Option{
			{ID: "agree", Label: text("agree"), Kind: record.ValidOption},
			{ID: "disagree", Label: text("disagree"), Kind: record.ValidOption},
			{ID: "blank", Label: text("left blank"), Kind: record.BlankOption},
		},
		Rule: rules.Article29("agree", "disagree"),
	}
}

// Ceremony plays the trustees' rounds for the manifest and returns the files of
// the finished ceremony.
func Ceremony(m *record.Manifest) (Files, error) {
	manifest, err := record.Marshal(m)
	if err != nil {
		return nil, err
	}
	c := new(record.Ceremony)
	var seats []*keygen.Seat
	for i, t := range m.Trustees {
		seat, err := Secret(i + 1).Sit(manifest)
		if err != nil {
			return nil, err
		}
		e, err := Secret(i + 1).Enrol(t.Name)
		if err != nil {
			return nil, err
		}
		commitment, err := seat.Commit()
		if err != nil {
			return nil, err
		}
		c.Enrolments, c.Commitments = append(c.Enrolments, *e), append(c.Commitments, *commitment)
		seats = append(seats, seat)
	}
	for _, seat := range seats {
		r, err := seat.Reveal(c.Commitments)
		if err != nil {
			return nil, err
		}
		c.Reveals = append(c.Reveals, *r)
	}
	for _, seat := range seats {
		x, err := seat.Confirm(c)
		if err != nil {
			return nil, err
		}
		c.Confirmations = append(c.Confirmations, *x)
	}
	return encode(manifest, c)
}

func encode(manifest []byte, c *record.Ceremony) (Files, error) {
	j, err := keygen.JointKey(manifest, c)
	if err != nil {
		return nil, err
	}
	documents := map[string]any{record.JointKeyFile: j}
	for i := range c.Enrolments {
		documents[record.EnrolmentFile(i+1)] = c.Enrolments[i]
		documents[record.CommitmentFile(i+1)] = c.Commitments[i]
		documents[record.RevealFile(i+1)] = c.Reveals[i]
		documents[record.ConfirmationFile(i+1)] = c.Confirmations[i]
	}
	files := Files{record.ManifestFile: manifest}
	for name, v := range documents {
		if files[name], err = record.Marshal(v); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// Random is a stream of bytes that follows from a seed.
func Random(seed string) io.Reader { return &stream{seed: seed} }

type stream struct {
	seed string
	n    uint64
	rest []byte
}

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
